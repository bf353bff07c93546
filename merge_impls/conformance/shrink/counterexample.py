"""From the failure of a check to a small counterexample and its explanation."""

from dataclasses import replace
from time import monotonic

from merge_impls.conformance.comparator import DIFFERS, ONCE, CheckFailure, Comparator
from merge_impls.conformance.explain.explanation import explain
from merge_impls.conformance.outcomes import State
from merge_impls.conformance.shrink.search import shrink
from merge_impls.problem import MergeProblem

MERGES_TO_BE_SURE = 10
"""So many merges all go wrong unless a backend is wrong only now and then."""

MANY_MERGES = 20
"""So many merges of a problem show what a single one in a fresh process shows only at times."""


def shrink_failure(comparator: Comparator, failure: CheckFailure, seconds: float) -> CheckFailure:
    """A failure of the same kind, on the smallest problem found in ``seconds``, in the plainest mode.

    A fresh process shows it every time: where a backend goes wrong only after other merges, or only
    now and then, the mode asks for many merges. If that does not help, the failure stays as it is.
    """
    deadline = monotonic() + seconds
    for plainer in (ONCE, replace(failure.mode, repetitions=1)):
        if plainer != failure.mode and _fails_every_time(
            comparator, CheckFailure(failure.mismatch, plainer)
        ):
            failure = CheckFailure(failure.mismatch, plainer)
            break
    smallest = _shrink_in_mode(comparator, failure, seconds)
    if smallest.mode.repetitions == 1 and _fails_every_time(comparator, smallest):
        return smallest
    modes = [
        replace(mode, repetitions=MANY_MERGES, after_another=after_another)
        for mode in (ONCE, failure.mode)
        for after_another in (False, True)
    ]
    for found in (smallest, failure):
        for mode in dict.fromkeys(modes):
            often = CheckFailure(found.mismatch, mode)
            if _fails_again(comparator, often):
                left = deadline - monotonic()
                return (
                    often
                    if found is smallest
                    else _shrink_in_mode(comparator, often, left, afresh=True)
                )
    return failure


def _fails_again(comparator: Comparator, failure: CheckFailure, times: int = 1) -> bool:
    """Whether a fresh process shows the failure, ``times`` times out of as many."""
    comparator.target.stop()
    for _ in range(times):
        mismatch = comparator.compare(
            failure.problem, failure.mode, _merge_timeout(comparator, failure)
        )
        if mismatch is None or mismatch.kind != failure.mismatch.kind:
            return False
    return True


def _fails_every_time(comparator: Comparator, failure: CheckFailure) -> bool:
    """Without a result, as in a crash, once must do: each time may take a new process."""
    return _fails_again(
        comparator, failure, 1 if failure.mismatch.got is None else MERGES_TO_BE_SURE
    )


def _shrink_in_mode(
    comparator: Comparator, failure: CheckFailure, seconds: float, afresh: bool = False
) -> CheckFailure:
    """The failure on the smallest problem; ``afresh``: each try has a process of its own."""
    timeout, declaration = _merge_timeout(comparator, failure), comparator.target.declaration
    shown = [(failure.problem, failure.mismatch)]

    def fails(problem: MergeProblem) -> bool:
        if declaration.unsupported(problem.linkage, len(problem.shape)):
            return False
        if afresh:
            comparator.target.stop()
        mismatch = comparator.compare(problem, failure.mode, timeout)
        if mismatch is None or mismatch.kind != failure.mismatch.kind:
            return False
        shown.append((problem, mismatch))
        return True

    smallest = shrink(failure.problem, fails, seconds)
    mismatch = next(mismatch for problem, mismatch in reversed(shown) if problem is smallest)
    return CheckFailure(mismatch, failure.mode)


def _merge_timeout(comparator: Comparator, failure: CheckFailure) -> float | None:
    """Seconds for one merge: fewer for a backend that hangs, which would use up all the time."""
    return comparator.short_timeout if failure.mismatch.state is State.TIMEOUT else None


def explain_failure(comparator: Comparator, failure: CheckFailure) -> str:
    """What is wrong with the merge of the failure's problem, and what is right; several lines."""
    mismatch, mode = failure.mismatch, failure.mode
    lines = [] if mode == ONCE else [f"merged {mode}:"]
    with_others = mode.at_once > 1 or mode.repetitions > 1 or mode.after_another
    if mismatch.kind == DIFFERS and not with_others:
        assert mismatch.expected is not None and mismatch.got is not None
        return "\n".join([*lines, explain(failure.problem, mismatch.expected, mismatch.got)])
    lines.append(mismatch.line)
    if with_others and not _fails_again(comparator, CheckFailure(mismatch, ONCE)):
        lines.append("a single merge of it comes out right")
    return "\n".join(lines)
