"""Choose the reference, whose results a backend's results are compared with."""

from collections.abc import Callable
from dataclasses import dataclass

from merge_impls.conformance.literal import literal_merge
from merge_impls.merging import load_backend
from merge_impls.problem import MergeProblem
from merge_impls.result import CompleteResult
from merge_impls.result_checks import check_and_complete

NAME = "networkx"
"""The backend that is the reference for all others."""


@dataclass(frozen=True)
class Reference:
    """A merge that is taken to be right.

    literal: it takes quadratic time, so checks give it smaller problems.
    """

    name: str
    merge: Callable[[MergeProblem], CompleteResult]
    literal: bool = False


def choose_reference(backend: str) -> Reference:
    """The backend ``networkx`` or, if that is the one under test, ``literal_merge``.

    Raises ``BackendUnavailable`` if networkx is not installed.
    """
    if backend == NAME:
        return Reference("the literal Algorithm 1", literal_merge, literal=True)
    loaded = load_backend(NAME)

    def merge(problem: MergeProblem) -> CompleteResult:
        return check_and_complete(problem, loaded.call(problem), NAME)

    return Reference(f"{NAME} {loaded.backend.version}", merge)
