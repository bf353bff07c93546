"""Makes the records of a study of fields (synthetic problems). A record has one entry for each field."""

from collections.abc import Collection, Mapping

from bench.methods.method import Method
from bench.runner.record import UNSUPPORTED, MeasuredProblem, Record, agreement_entries
from bench.runner.study import GraphSize
from merge_impls.text_formats import format_shape
from merge_impls.timing import InterleavedRounds

RoundsBySize = Mapping[GraphSize, InterleavedRounds]
"""The runs of all methods on the graphs of one noise level (such as mild) or one graph family, by graph size.

All runs have the same linkage.
"""


def has_only_right_results(rounds: InterleavedRounds) -> bool:
    """Whether no method failed, and no result differs from the reference's.

    A method that does not support the graph has no result: it counts neither as failed nor as different.
    """
    runs = rounds.runs.values()
    return not any((run.failed and run.kind != UNSUPPORTED) or run.difference for run in runs)


def make_field_record(
    planned: Record, method: Method, rounds: RoundsBySize, reference: str, exact: Collection[str]
) -> Record:
    """Fill in the planned record of a method with its state, its times and its comparison with other methods.

    The record is for one linkage, and for one noise level (such as mild) or one graph family.

    rounds: the runs of all methods, by graph size.
    reference: the name of the method with which results were compared. exact: the names of the methods that
    compute what the contract says, the reference included.
    """
    own = {size: each for size, each in rounds.items() if method.label in each.runs}
    state, reason = _state_and_reason(method.label, own)
    checked = {
        size: [] if planned.computes else _compared_methods(method, each, reference, exact)
        for size, each in own.items()
    }
    return planned.with_results(
        state=state,
        reason=reason,
        images=[
            _field_entry(method, size, own[size], bool(checked[size]))
            for size in own
            if state != UNSUPPORTED
        ],
        identical_to=", ".join(dict.fromkeys(name for names in checked.values() for name in names)),
        first_call_seconds=next(iter(own.values())).runs[method.label].first_call_seconds,
    )


def _state_and_reason(name: str, rounds: RoundsBySize) -> tuple[str, str]:
    """The state of a method over all fields, and the reason why the state is not "done".

    The reason is the message of the first field with this state. It is "" if the state is "done".
    """
    runs = [each.runs[name] for each in rounds.values()]
    if unsupported := [run.failed for run in runs if run.kind == UNSUPPORTED]:
        return UNSUPPORTED, unsupported[0]
    for attribute, state in (("difference", "disagreed"), ("failed", "failed")):
        for size, each in rounds.items():
            if reason := getattr(each.runs[name], attribute):
                return state, f"{_size_name(size)}: {reason}"
    return "done", ""


def _compared_methods(
    method: Method, rounds: InterleavedRounds, reference: str, exact: Collection[str]
) -> list[str]:
    """The names of the methods with which a method's results were compared.

    A method that follows the contract is compared with the reference alone. The reference is compared with
    all exact methods; those whose results equal the reference's are returned. The list is empty if the
    reference has no result.
    """
    if not rounds.results[reference]:
        return []
    if method.label != reference:
        return [reference]
    return [
        name
        for name in exact
        if name != reference and rounds.results.get(name) and not rounds.runs[name].difference
    ]


def _field_entry(
    method: Method,
    size: GraphSize,
    rounds: InterleavedRounds,
    checked: bool,
) -> MeasuredProblem:
    """The entry of a record for one field.

    checked: whether the method's results were compared with those of another method.
    """
    problem, run = rounds.problem, rounds.runs[method.label]
    vertices, results = int(problem.foreground.sum()), rounds.results[method.label]
    segments = int(results[0].labels.max()) if results else 0
    wrong = bool(run.difference or run.failed)
    return MeasuredProblem(
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
        seconds_again=run.seconds_again or None,
        peak_bytes=run.peak_bytes,
        input_bytes=problem.affinities.nbytes,
        identical=not wrong if checked else None,
        **agreement_entries(run if segments < vertices else None),
    )


def _size_name(size: GraphSize) -> str:
    return f"{size} edges" if isinstance(size, int) else format_shape(size)
