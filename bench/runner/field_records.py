"""Makes the records of a study of fields (synthetic problems). A record has one entry for each field."""

from collections.abc import Collection, Mapping

from bench.evaluation.pair_f_score import pair_f_score
from bench.methods.method import Method
from bench.runner.record import UNSUPPORTED, Measured, Record
from bench.runner.study import GraphSize
from merge_impls.text_formats import format_shape
from merge_impls.timing import InterleavedRounds

RoundsBySize = Mapping[GraphSize, InterleavedRounds]
"""The runs of all methods on the graphs of one noise or family, with one linkage, by the graph's size."""


def is_clean(rounds: InterleavedRounds) -> bool:
    """Whether no method failed, and no result differs from the baseline's.

    A method that does not support the graph counts as neither.
    """
    runs = rounds.runs.values()
    return not any((run.failed and run.kind != UNSUPPORTED) or run.difference for run in runs)


def field_record(
    planned: Record, method: Method, rounds: RoundsBySize, baseline: str, exact: Collection[str]
) -> Record:
    """The planned record of a method with its results on the graphs of one noise or family and one linkage.

    baseline: the name of the method with which results were compared. exact: the names of the methods that
    compute what the contract says, the baseline included.
    """
    own = {size: each for size, each in rounds.items() if method.label in each.runs}
    state, reason = _state(method.label, own)
    checked = {size: _compared_methods(method, each, baseline, exact) for size, each in own.items()}
    return planned.finished(
        state=state,
        reason=reason,
        images=[
            _image_entry(method, size, own[size], baseline, bool(checked[size]))
            for size in own
            if state != UNSUPPORTED
        ],
        identical_to=", ".join(dict.fromkeys(name for names in checked.values() for name in names)),
        first_call_seconds=next(iter(own.values())).runs[method.label].first_call_seconds,
    )


def _state(name: str, rounds: RoundsBySize) -> tuple[str, str]:
    """The state of a method over all fields. The reason names the first field with this state."""
    runs = [each.runs[name] for each in rounds.values()]
    if unsupported := [run.failed for run in runs if run.kind == UNSUPPORTED]:
        return UNSUPPORTED, unsupported[0]
    for attribute, state in (("difference", "disagreed"), ("failed", "failed")):
        for size, each in rounds.items():
            if reason := getattr(each.runs[name], attribute):
                return state, f"{_size_name(size)}: {reason}"
    return "done", ""


def _compared_methods(
    method: Method, rounds: InterleavedRounds, baseline: str, exact: Collection[str]
) -> list[str]:
    """The names of the methods with which a method's results were compared.

    They are the baseline alone; for the baseline itself, all exact methods with the same results.
    """
    if method.other_rule or not rounds.results[baseline]:
        return []
    if method.label != baseline:
        return [baseline]
    return [
        name
        for name in exact
        if name != baseline and rounds.results.get(name) and not rounds.runs[name].difference
    ]


def _image_entry(
    method: Method,
    size: GraphSize,
    rounds: InterleavedRounds,
    baseline: str,
    checked: bool,
) -> Measured:
    """The entry of a record for one field.

    checked: whether the method's results were compared with those of another method.
    """
    problem, run = rounds.problem, rounds.runs[method.label]
    vertices, results = int(problem.foreground.sum()), rounds.results[method.label]
    segments = int(results[0].labels.max()) if results else 0
    wrong = bool(run.difference or run.failed)
    return Measured(
        name=_size_name(size),
        vertices=vertices,
        edges=problem.count_edges(),
        merges=vertices - segments if results else 0,
        segments=segments,
        regions=1,
        seconds=run.seconds,
        cpu_seconds=run.cpu_seconds,
        call_seconds=run.call_seconds,
        conversion_seconds=run.conversion_seconds,
        peak_bytes=run.peak_bytes,
        input_bytes=problem.affinities.nbytes,
        identical=not wrong if checked else None,
        agreement=_agreement(method, rounds, baseline),
    )


def _agreement(method: Method, rounds: InterleavedRounds, baseline: str) -> float | None:
    """The F-score of pairs of pixels in one segment, against the baseline's pairs.

    None for a method that computes what the contract says, and for one that merged nothing.
    """
    own, expected = rounds.results[method.label], rounds.results[baseline]
    if not (method.other_rule and own and expected):
        return None
    if own[0].labels.max() == rounds.problem.foreground.sum():
        return None
    return pair_f_score(own[0].labels, expected[0].labels)


def _size_name(size: GraphSize) -> str:
    return f"{size} edges" if isinstance(size, int) else format_shape(size)
