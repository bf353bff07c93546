"""What becomes of a fault: a smaller one of its kind, words, a file, and the command to see it."""

from dataclasses import replace
from time import monotonic

from merge_impls.conformance.comparator import DIFFERS, ONCE, CheckFailure, Comparator
from merge_impls.conformance.explain.explanation import explain
from merge_impls.conformance.outcomes import State
from merge_impls.conformance.shrink.search import shrink
from merge_impls.problem import MergeProblem

SURE = 10
"""Merges all of which go wrong if a backend is not just wrong now and then."""

MANY = 20
"""Merges of the same problem that bring out what one in a fresh process does not surely show."""


def shrink_failure(comparator: Comparator, failure: CheckFailure, seconds: float) -> CheckFailure:
    """A fault of the same kind on a problem as small as it gets within ``seconds``, in the plainest
    way that shows it.

    It shows in a process of its own, every time: where a backend goes wrong only after other
    merges, or only now and then, ``mode`` asks for many. If that does not help, the fault stays as
    it is.
    """
    deadline = monotonic() + seconds
    for plainer in (ONCE, replace(failure.mode, repetitions=1)):
        if plainer != failure.mode and _shows_surely(
            comparator, CheckFailure(failure.mismatch, plainer)
        ):
            failure = CheckFailure(failure.mismatch, plainer)
            break
    smallest = _shrunk(comparator, failure, seconds)
    if smallest.mode.repetitions == 1 and _shows_surely(comparator, smallest):
        return smallest
    modes = [
        replace(mode, repetitions=MANY, after_another=after_another)
        for mode in (ONCE, failure.mode)
        for after_another in (False, True)
    ]
    for found in (smallest, failure):
        for mode in dict.fromkeys(modes):
            often = CheckFailure(found.mismatch, mode)
            if _shows(comparator, often):
                left = deadline - monotonic()
                return often if found is smallest else _shrunk(comparator, often, left, afresh=True)
    return failure


def _shows(comparator: Comparator, failure: CheckFailure, times: int = 1) -> bool:
    """Whether a fresh process shows it, as many times as that."""
    comparator.target.stop()
    for _ in range(times):
        mismatch = comparator.compare(
            failure.mismatch.problem, failure.mode, _patience(comparator, failure)
        )
        if mismatch is None or mismatch.kind != failure.mismatch.kind:
            return False
    return True


def _shows_surely(comparator: Comparator, failure: CheckFailure) -> bool:
    """Once is enough of what gives no result, for which a new process may be needed each time."""
    return _shows(comparator, failure, 1 if failure.mismatch.got is None else SURE)


def _shrunk(
    comparator: Comparator, failure: CheckFailure, seconds: float, afresh: bool = False
) -> CheckFailure:
    """afresh: each try has a process of its own."""
    timeout, declaration = _patience(comparator, failure), comparator.target.declaration
    shown = [(failure.mismatch.problem, failure.mismatch)]

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

    smallest = shrink(failure.mismatch.problem, fails, seconds)
    mismatch = next(mismatch for problem, mismatch in reversed(shown) if problem is smallest)
    return CheckFailure(mismatch, failure.mode)


def _patience(comparator: Comparator, failure: CheckFailure) -> float | None:
    """What hangs must not use up all the time; small problems take no longer than those before."""
    return comparator.short_timeout if failure.mismatch.state is State.TIMEOUT else None


def explain_failure(comparator: Comparator, failure: CheckFailure) -> str:
    """What is wrong with the merge of the fault's problem, and what would be right; several lines."""
    mismatch, mode = failure.mismatch, failure.mode
    lines = [] if mode == ONCE else [f"merged {mode}:"]
    in_company = mode.at_once > 1 or mode.repetitions > 1 or mode.after_another
    if mismatch.kind == DIFFERS and not in_company:
        return "\n".join([*lines, explain(mismatch.problem, mismatch.expected, mismatch.got)])
    lines.append(mismatch.line)
    if in_company and not _shows(comparator, CheckFailure(mismatch, ONCE)):
        lines.append("one merge of it, by itself, comes out right")
    return "\n".join(lines)
