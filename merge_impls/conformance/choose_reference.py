"""Choose the reference: the merge whose results are taken to be right."""

from collections.abc import Callable
from dataclasses import dataclass

from merge_impls.check_and_complete_result import check_and_complete_result
from merge_impls.conformance.literal_merge import literal_merge
from merge_impls.merging import load_backend
from merge_impls.problem import MergeProblem
from merge_impls.result import CompleteResult

NAME = "networkx"
"""The backend that is the reference for all other backends."""


@dataclass(frozen=True)
class Reference:
    """A merge that is taken to be right.

    merge: computes the complete result of a problem.
    literal: whether this is ``literal_merge``, whose time is quadratic in the number of edges. Checks
        then use smaller problems.
    """

    name: str
    merge: Callable[[MergeProblem], CompleteResult]
    literal: bool = False


def choose_reference(backend: str) -> Reference:
    """Return the reference for a backend: ``networkx``, or ``literal_merge`` if the backend is ``networkx``.

    Raises ``BackendUnavailable`` if networkx is not installed.
    """
    if backend == NAME:
        return Reference("the literal Algorithm 1", literal_merge, literal=True)
    loaded = load_backend(NAME)

    def merge_with_networkx(problem: MergeProblem) -> CompleteResult:
        return check_and_complete_result(problem, loaded.call(problem), NAME)

    return Reference(f"{NAME} {loaded.backend.version}", merge_with_networkx)
