"""Make the problem of a failed check smaller, and explain what the backend does wrong with it."""

from dataclasses import replace
from time import monotonic

from merge_impls.conformance.comparator import DIFFERS, ONCE, CallMode, CheckFailure, Comparator
from merge_impls.conformance.explain.explanation import explain_wrong_result
from merge_impls.conformance.outcomes import CheckState
from merge_impls.conformance.shrink.search import shrink
from merge_impls.problem import MergeProblem

MERGES_TO_CONFIRM = 10
"""A failure that shows in this number of merges, one after the other, is taken to show in every merge."""

MANY_MERGES = 20
"""The number of merges in the modes for failures that do not show in every merge."""


def shrink_failure(comparator: Comparator, failure: CheckFailure, seconds: float) -> CheckFailure:
    """Return a failure of the same kind, with the smallest problem found in ``seconds``.

    Its call mode is the simplest mode found in which a fresh process of the backend shows the failure.
    If the failure shows only after other merges, or not in every merge, this mode has ``MANY_MERGES``
    merges. If even these do not show the failure, ``failure`` is returned, at most in a simpler mode.
    """
    deadline = monotonic() + seconds
    failure = _in_simpler_mode(comparator, failure)
    smallest = _shrink_in_mode(comparator, failure, seconds)
    if smallest.mode.repetitions == 1 and _fails_every_time(comparator, smallest):
        return smallest
    for found in (smallest, failure):
        for mode in _modes_with_many_merges(failure.mode):
            often = CheckFailure(found.mismatch, mode)
            if not _fails_again(comparator, often):
                continue
            if found is smallest:
                return often
            return _shrink_in_mode(comparator, often, deadline - monotonic(), fresh_process=True)
    return failure


def _in_simpler_mode(comparator: Comparator, failure: CheckFailure) -> CheckFailure:
    """Return the failure in a simpler mode in which it shows every time; unchanged if there is none."""
    for simpler in (ONCE, replace(failure.mode, repetitions=1)):
        candidate = CheckFailure(failure.mismatch, simpler)
        if simpler != failure.mode and _fails_every_time(comparator, candidate):
            return candidate
    return failure


def _modes_with_many_merges(mode: CallMode) -> list[CallMode]:
    """The modes ``ONCE`` and ``mode`` with ``MANY_MERGES`` merges, with and without another problem first."""
    modes = [
        replace(each, repetitions=MANY_MERGES, after_another=after_another)
        for each in (ONCE, mode)
        for after_another in (False, True)
    ]
    return list(dict.fromkeys(modes))


def _fails_again(comparator: Comparator, failure: CheckFailure, times: int = 1) -> bool:
    """Whether a fresh process of the backend shows the failure in each of ``times`` comparisons."""
    comparator.target.stop()
    for _ in range(times):
        mismatch = comparator.compare(
            failure.problem, failure.mode, _merge_timeout(comparator, failure)
        )
        if mismatch is None or mismatch.kind != failure.mismatch.kind:
            return False
    return True


def _fails_every_time(comparator: Comparator, failure: CheckFailure) -> bool:
    """Whether a fresh process of the backend shows the failure ``MERGES_TO_CONFIRM`` times.

    After a crash or a timeout, showing it once is enough, because every comparison then costs the start
    of a new process.
    """
    times = 1 if failure.mismatch.got is None else MERGES_TO_CONFIRM
    return _fails_again(comparator, failure, times)


def _shrink_in_mode(
    comparator: Comparator, failure: CheckFailure, seconds: float, fresh_process: bool = False
) -> CheckFailure:
    """Return the failure with the smallest problem found, in the same call mode.

    fresh_process: whether each smaller problem is tried in a new process of the backend.
    """
    timeout, declaration = _merge_timeout(comparator, failure), comparator.target.declaration
    failed = [(failure.problem, failure.mismatch)]

    def fails_the_same_way(problem: MergeProblem) -> bool:
        if declaration.unsupported_problem(problem):
            return False
        if fresh_process:
            comparator.target.stop()
        mismatch = comparator.compare(problem, failure.mode, timeout)
        if mismatch is None or mismatch.kind != failure.mismatch.kind:
            return False
        failed.append((problem, mismatch))
        return True

    smallest = shrink(failure.problem, fails_the_same_way, seconds)
    mismatch = next(mismatch for problem, mismatch in reversed(failed) if problem is smallest)
    return CheckFailure(mismatch, failure.mode)


def _merge_timeout(comparator: Comparator, failure: CheckFailure) -> float | None:
    """The timeout of a merge in seconds: short if the failure is a hang; None: the usual timeout."""
    return (
        comparator.short_timeout_seconds if failure.mismatch.state is CheckState.TIMEOUT else None
    )


def explain_failure(comparator: Comparator, failure: CheckFailure) -> str:
    """Explain in a few lines what the backend does wrong with the problem of the failure."""
    mismatch, mode = failure.mismatch, failure.mode
    lines = [] if mode == ONCE else [f"merged {mode}:"]
    with_others = mode.at_once > 1 or mode.repetitions > 1 or mode.after_another
    if mismatch.kind == DIFFERS and not with_others:
        assert mismatch.expected is not None and mismatch.got is not None
        return "\n".join(
            [*lines, explain_wrong_result(failure.problem, mismatch.expected, mismatch.got)]
        )
    lines.append(mismatch.line)
    if with_others and not _fails_again(comparator, CheckFailure(mismatch, ONCE)):
        lines.append("a single merge of the problem gives the right result")
    return "\n".join(lines)
