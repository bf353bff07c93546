"""What becomes of a fault: a smaller one of its kind, words, a file, and the command to see it."""

from dataclasses import replace
from time import monotonic

from merge_impls.conformance.comparator import DIFFERS, ONCE, Examiner, Fault
from merge_impls.conformance.explain.explanation import explain
from merge_impls.conformance.outcomes import State
from merge_impls.conformance.shrink.search import shrink
from merge_impls.problem import MergeProblem

SURE = 10
"""Merges all of which go wrong if a backend is not just wrong now and then."""

MANY = 20
"""Merges of the same problem that bring out what one in a fresh process does not surely show."""


def reduced(examiner: Examiner, fault: Fault, seconds: float) -> Fault:
    """A fault of the same kind on a problem as small as it gets within ``seconds``, in the plainest
    way that shows it.

    It shows in a process of its own, every time: where a backend goes wrong only after other
    merges, or only now and then, ``way`` asks for many. If that does not help, the fault stays as
    it is.
    """
    deadline = monotonic() + seconds
    for plainer in (ONCE, replace(fault.way, repetitions=1)):
        if plainer != fault.way and _shows_surely(examiner, Fault(fault.finding, plainer)):
            fault = Fault(fault.finding, plainer)
            break
    smallest = _shrunk(examiner, fault, seconds)
    if smallest.way.repetitions == 1 and _shows_surely(examiner, smallest):
        return smallest
    ways = [
        replace(way, repetitions=MANY, after_another=after_another)
        for way in (ONCE, fault.way)
        for after_another in (False, True)
    ]
    for found in (smallest, fault):
        for way in dict.fromkeys(ways):
            often = Fault(found.finding, way)
            if _shows(examiner, often):
                left = deadline - monotonic()
                return often if found is smallest else _shrunk(examiner, often, left, afresh=True)
    return fault


def _shows(examiner: Examiner, fault: Fault, times: int = 1) -> bool:
    """Whether a fresh process shows it, as many times as that."""
    examiner.target.stop()
    for _ in range(times):
        finding = examiner.find(fault.finding.problem, fault.way, _patience(examiner, fault))
        if finding is None or finding.kind != fault.finding.kind:
            return False
    return True


def _shows_surely(examiner: Examiner, fault: Fault) -> bool:
    """Once is enough of what gives no result, for which a new process may be needed each time."""
    return _shows(examiner, fault, 1 if fault.finding.got is None else SURE)


def _shrunk(examiner: Examiner, fault: Fault, seconds: float, afresh: bool = False) -> Fault:
    """afresh: each try has a process of its own."""
    timeout, declaration = _patience(examiner, fault), examiner.target.declaration
    shown = [(fault.finding.problem, fault.finding)]

    def fails(problem: MergeProblem) -> bool:
        if declaration.unsupported(problem.linkage, len(problem.shape)):
            return False
        if afresh:
            examiner.target.stop()
        finding = examiner.find(problem, fault.way, timeout)
        if finding is None or finding.kind != fault.finding.kind:
            return False
        shown.append((problem, finding))
        return True

    smallest = shrink(fault.finding.problem, fails, seconds)
    finding = next(finding for problem, finding in reversed(shown) if problem is smallest)
    return Fault(finding, fault.way)


def _patience(examiner: Examiner, fault: Fault) -> float | None:
    """What hangs must not use up all the time; small problems take no longer than those before."""
    return examiner.short_timeout if fault.finding.state is State.TIMEOUT else None


def told(examiner: Examiner, fault: Fault) -> str:
    """What is wrong with the merge of the fault's problem, and what would be right; several lines."""
    finding, way = fault.finding, fault.way
    lines = [] if way == ONCE else [f"merged {way}:"]
    in_company = way.at_once > 1 or way.repetitions > 1 or way.after_another
    if finding.kind == DIFFERS and not in_company:
        return "\n".join([*lines, explain(finding.problem, finding.expected, finding.got)])
    lines.append(finding.line)
    if in_company and not _shows(examiner, Fault(finding, ONCE)):
        lines.append("one merge of it, by itself, comes out right")
    return "\n".join(lines)
