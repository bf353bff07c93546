"""From cases to records: one cell a method, noise and linkage; its images are the fields, by size."""

from collections.abc import Collection, Mapping
from typing import Any

from bench.evaluation.pair_agreement import pair_agreement
from bench.runner.records import Record, make
from bench.runner.timed_methods import TimedMethod
from merge_impls.text import format_shape
from merge_impls.timing import InterleavedRounds

BySize = Mapping[tuple[int, int], InterleavedRounds]


def clean(turns: InterleavedRounds) -> bool:
    """Whether nobody failed or differed."""
    return not any(run.failed or run.difference for run in turns.runs.values())


def field_cell(
    method: TimedMethod, cases: BySize, baseline: str, exact: Collection[str], **content: Any
) -> Record:
    """The record of what a method did in the cases of a noise and linkage.

    exact: the names of those that compute what the contract says, the baseline among them. content: the
    entries of the record that do not depend on what came out.
    """
    own = {size: turns for size, turns in cases.items() if method.name in turns.runs}
    state, reason = _state(method.name, own)
    judges = {size: _judges(method, turns, baseline, exact) for size, turns in own.items()}
    return make(
        state=state,
        reason=reason,
        images=[_image(method, size, own[size], baseline, judges[size]) for size in own],
        identical_to=", ".join(dict.fromkeys(name for names in judges.values() for name in names)),
        scores=None,
        first_call_seconds=next(iter(own.values())).runs[method.name].first_call_seconds,
        **content,
    )


def _state(name: str, cases: BySize) -> tuple[str, str]:
    for attribute, state in (("difference", "disagreed"), ("failed", "failed")):
        for size, turns in cases.items():
            if reason := getattr(turns.runs[name], attribute):
                return state, f"{format_shape(size)}: {reason}"
    return "done", ""


def _judges(
    method: TimedMethod, turns: InterleavedRounds, baseline: str, exact: Collection[str]
) -> list[str]:
    """Whose results the method's were compared with: the baseline's; its own with all that equal them."""
    if method.computes or not turns.results[baseline]:
        return []
    if method.name != baseline:
        return [baseline]
    return [
        name
        for name in exact
        if name != baseline and turns.results.get(name) and not turns.runs[name].difference
    ]


def _image(
    method: TimedMethod,
    size: tuple[int, int],
    turns: InterleavedRounds,
    baseline: str,
    judges: list[str],
) -> dict:
    problem, run = turns.problem, turns.runs[method.name]
    vertices, results = int(problem.mask.sum()), turns.results[method.name]
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
        "agreement": _agreement(method, turns, baseline),
    }


def _agreement(method: TimedMethod, turns: InterleavedRounds, baseline: str) -> float | None:
    found, right = turns.results[method.name], turns.results[baseline]
    if not (method.computes and found and right):
        return None
    if found[0].labels.max() == turns.problem.mask.sum():
        return None  # what merges nothing agrees in nothing
    return pair_agreement(found[0].labels, right[0].labels)
