"""From heats to records: one cell an entrant, noise and linkage; its images are the fields, by size."""

from collections.abc import Collection, Mapping
from typing import Any

from bench.evaluation.pairs import pair_agreement
from bench.runner.entrants import Entrant
from bench.runner.records import Record, make
from merge_impls.text import format_shape
from merge_impls.timing import InterleavedRounds

BySize = Mapping[tuple[int, int], InterleavedRounds]


def clean(turns: InterleavedRounds) -> bool:
    """Whether nobody failed or differed."""
    return not any(run.failed or run.difference for run in turns.runs.values())


def field_cell(
    entrant: Entrant, heats: BySize, baseline: str, exact: Collection[str], **content: Any
) -> Record:
    """The record of what an entrant did in the heats of a noise and linkage.

    exact: the names of those that compute what the contract says, the baseline among them. content: the
    entries of the record that do not depend on what came out.
    """
    own = {size: turns for size, turns in heats.items() if entrant.name in turns.runs}
    state, reason = _state(entrant.name, own)
    judges = {size: _judges(entrant, turns, baseline, exact) for size, turns in own.items()}
    return make(
        state=state,
        reason=reason,
        images=[_image(entrant, size, own[size], baseline, judges[size]) for size in own],
        identical_to=", ".join(dict.fromkeys(name for names in judges.values() for name in names)),
        scores=None,
        first_call_seconds=next(iter(own.values())).runs[entrant.name].first_call_seconds,
        **content,
    )


def _state(name: str, heats: BySize) -> tuple[str, str]:
    for attribute, state in (("difference", "disagreed"), ("failed", "failed")):
        for size, turns in heats.items():
            if reason := getattr(turns.runs[name], attribute):
                return state, f"{format_shape(size)}: {reason}"
    return "done", ""


def _judges(
    entrant: Entrant, turns: InterleavedRounds, baseline: str, exact: Collection[str]
) -> list[str]:
    """Whose results the entrant's were compared with: the baseline's; its own with all that equal them."""
    if entrant.computes or not turns.results[baseline]:
        return []
    if entrant.name != baseline:
        return [baseline]
    return [
        name
        for name in exact
        if name != baseline and turns.results.get(name) and not turns.runs[name].difference
    ]


def _image(
    entrant: Entrant,
    size: tuple[int, int],
    turns: InterleavedRounds,
    baseline: str,
    judges: list[str],
) -> dict:
    problem, run = turns.problem, turns.runs[entrant.name]
    vertices, results = int(problem.mask.sum()), turns.results[entrant.name]
    segments = int(results[0].labels.max()) if results else 0
    wrong = bool(run.difference or run.failed)
    return {
        "name": format_shape(size),
        "vertices": vertices,
        "edges": problem.count_edges(),
        "merges": vertices - segments if results else 0,
        "segments": segments,
        "seconds": run.seconds,
        "cpu_seconds": run.cpu_seconds,
        "call_seconds": run.call_seconds,
        "conversion_seconds": run.conversion_seconds,
        "peak_bytes": run.peak_bytes,
        "input_bytes": problem.affinities.nbytes,
        "identical": not wrong if judges else None,
        "agreement": _agreement(entrant, turns, baseline),
    }


def _agreement(entrant: Entrant, turns: InterleavedRounds, baseline: str) -> float | None:
    found, right = turns.results[entrant.name], turns.results[baseline]
    if not (entrant.computes and found and right):
        return None
    if found[0].labels.max() == turns.problem.mask.sum():
        return None  # what merges nothing agrees in nothing
    return pair_agreement(found[0].labels, right[0].labels)
