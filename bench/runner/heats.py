"""All fields of one noise, merged side by side: each round goes through every size and linkage."""

import os
from contextlib import ExitStack

from tqdm import tqdm

from bench.runner.entrants import Entrant
from bench.runner.study import SpeedStudy
from merge_impls import fields
from merge_impls.isolation import Worker
from merge_impls.timing import InterleavedRounds

Heat = tuple[tuple[int, int], str]
"""A size (height, width) and a linkage."""


def run_heats(
    study: SpeedStudy, noise: str, entrants: list[Entrant]
) -> dict[Heat, InterleavedRounds]:
    """Merge in turns, compare, and return what each did with each field.

    All rounds of all heats are interleaved, so that figures of two linkages or sizes come from one stretch of
    time as those of two backends do. At sizes other than ``study.size`` the baseline only says what is right,
    once.
    """
    heats = [(size, linkage) for size in study.sizes for linkage in study.linkages]
    turns: dict[Heat, InterleavedRounds] = {}
    progress = tqdm(desc=f"{noise} noise", unit="heat", total=study.rounds * len(heats))
    with progress, ExitStack() as stack:
        core = max(os.sched_getaffinity(0))
        workers = {
            entrant.name: stack.enter_context(
                Worker(entrant.target, entrant.threads, core, name=entrant.name)
            )
            for entrant in entrants
        }
        for turn in range(study.rounds):
            for heat in heats:
                size, linkage = heat
                if turn == 0:
                    own = [workers[entrant.name] for entrant in _takers(study, heat, entrants)]
                    for worker in own:
                        # What an earlier heat has freed and kept would hide how much this one needs.
                        worker.stop()
                    problem = fields.field(*size, noise, linkage=linkage)
                    turns[heat] = InterleavedRounds(problem, own)
                without = [study.baseline] if turn and size != study.size else []
                turns[heat].run_round(turn, without)
                progress.update()
    not_compared = [entrant.name for entrant in entrants if entrant.computes]
    for of_heat in turns.values():
        of_heat.compare(reference=study.baseline, not_compared=not_compared)
    return turns


def _takers(study: SpeedStudy, heat: Heat, entrants: list[Entrant]) -> list[Entrant]:
    size, linkage = heat
    scaled = [study.baseline, *study.scaled]
    return [
        entrant
        for entrant in entrants
        if linkage in entrant.linkages
        and (size == study.size or (entrant.backend in scaled and entrant.threads == 1))
    ]
