"""Every check finds the mistake for which it is made, and right backends pass."""

import ctypes
from time import sleep

import numpy as np
import pytest

from merge_impls import Backend, MergeProblem, merge
from merge_impls.conformance import validate
from merge_impls.conformance.all_checks import all_checks
from merge_impls.conformance.outcomes import CheckState

CHECKS = [check.name for check in all_checks()]


def right(problem):
    """Return the right result. Each wrong backend below makes one mistake in it."""
    return merge(problem, "heap")


def returns_only_labels(problem):
    return right(problem).labels.astype(np.int64)


def numbered_backwards(problem):
    labels = right(problem).labels
    return np.where(labels > 0, labels.max() + 1 - labels, 0)


def refuses_3d(problem):
    if len(problem.shape) == 3:
        raise NotImplementedError("three axes")
    return right(problem)


def changes_its_input(problem):
    result = right(problem)
    if problem.affinities.size:
        ctypes.c_uint16.from_address(problem.affinities.ctypes.data).value ^= 1
    return result


def ignores_strides(problem):
    """Read affinities as if the array were contiguous."""
    start, size = problem.affinities.ctypes.data, problem.affinities.size
    flat = (ctypes.c_uint16 * size).from_address(start) if size else []
    affinities = np.array(flat, np.uint16).reshape(problem.affinities.shape)
    return right(problem.replace(affinities=affinities))


def accepts_any_argument(problem):
    return right(problem) if isinstance(problem, MergeProblem) else "as you like"


def merges_more_with_more_threads(problem, threads=1):
    if threads > 1:
        problem = problem.replace(thresholds=np.zeros_like(problem.thresholds))
    return right(problem)


def counts_first_edge_twice(problem):
    """Count the first edge of an explicit graph twice."""
    if problem.is_grid or not len(problem.edges):
        return right(problem)
    parts = {name: getattr(problem, name) for name in ("edges", "affinities", "stages")}
    return right(problem.replace(**{n: np.append(a, a[:1], 0) for n, a in parts.items()}))


def ignores_mask_if_first_pixel_is_outside(problem):
    """Ignore the mask if the first pixel is outside it."""
    if problem.is_grid and not problem.mask.flat[0]:
        problem = problem.replace(mask=np.ones(problem.shape, np.bool_))
    return right(problem)


def drops_edges_of_the_last_vertex(problem):
    """Leave out all edges of the last vertex of an explicit graph."""
    if problem.is_grid:
        return right(problem)
    kept = (problem.edges < problem.num_vertices - 1).all(axis=1)
    parts = {name: getattr(problem, name)[kept] for name in ("edges", "affinities", "stages")}
    return right(problem.replace(**parts))


class SharedState:
    """Store the problem in an attribute, which another thread may overwrite."""

    problem = None

    def merge(self, problem):
        self.problem = problem
        sleep(0.001)
        return right(self.problem)


class WrongEveryThirdTime:
    """Use wrong thresholds in every third merge."""

    count = 0

    def merge(self, problem):
        self.count += 1
        if self.count % 3 == 0:
            problem = problem.replace(thresholds=np.zeros_like(problem.thresholds))
        return right(problem)


WRONG = [
    (numbered_backwards, "random/2-D grids, average"),
    (refuses_3d, "random/3-D grids, weighted"),
    (drops_edges_of_the_last_vertex, "random/multigraphs, weighted"),
    (drops_edges_of_the_last_vertex, "laws/isolated component"),
    (ignores_mask_if_first_pixel_is_outside, "laws/empty margins"),
    (ignores_mask_if_first_pixel_is_outside, "laws/isolated component in a grid"),
    (counts_first_edge_twice, "laws/order of edges"),
    (drops_edges_of_the_last_vertex, "laws/grid and edges"),
    (changes_its_input, "input/unmodified"),
    (ignores_strides, "input/strides"),
    (merges_more_with_more_threads, "threads/counts"),
    (SharedState().merge, "threads/several at once"),
    (WrongEveryThirdTime().merge, "determinism/repeated merges"),
    (accepts_any_argument, "errors/nonsense"),
]


@pytest.fixture(autouse=True)
def temporary_folder(tmp_path, monkeypatch):
    """Make a temporary folder the current one, because failing checks save problems there."""
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(("wrong", "check"), WRONG, ids=[check for _, check in WRONG])
def test_each_check_catches_the_mistake_that_it_tests_for(wrong, check):
    (outcome,) = validate(wrong, only=check).outcomes
    assert outcome.state is CheckState.FAILED
    assert 0 < outcome.examples < 200


@pytest.mark.parametrize(
    ("wrong", "found_by"),
    [
        (accepts_any_argument, {"errors/nonsense"}),
        (changes_its_input, {"input/unmodified", "threads/several at once"}),
    ],
    ids=["nonsense", "input"],
)
def test_a_mistake_with_a_check_of_its_own_fails_no_other_check(wrong, found_by):
    verdict = validate(wrong, examples=5, only="[weitl]*")
    assert not verdict.conforms
    assert {o.check for o in verdict.outcomes if o.state is CheckState.FAILED} == found_by


def test_a_backend_that_returns_only_labels_conforms():
    verdict = validate(returns_only_labels, examples=5)
    assert verdict.conforms, str(verdict)
    assert [outcome.check for outcome in verdict.outcomes] == CHECKS


def test_checks_of_undeclared_features_are_skipped_with_a_reason():
    flat = Backend(
        "flat",
        "2-D grids of one linkage",
        "1",
        "merge_impls.builtin.c_calls:merge_heap",
        linkages=("average",),
        dimensions=(2,),
        prepare="merge_impls.builtin.c_calls:prepare_for_c",
    )
    verdict = validate(flat, examples=5)
    skipped = {o.check: o.message for o in verdict.outcomes if o.state is CheckState.SKIPPED}
    assert verdict.conforms, str(verdict)
    assert (
        "does not support linkage 'weighted', only 'average'"
        in skipped["random/2-D grids, weighted"]
    )
    assert "does not support edges, only 2-D grids" in skipped["laws/isolated component"]
    assert not {"random/2-D grids, average", "laws/empty margins", "errors/nonsense"} & set(skipped)


def test_a_verdict_without_executed_checks_does_not_conform():
    verdict = validate(right, only="threads/counts")
    assert [outcome.state for outcome in verdict.outcomes] == [CheckState.SKIPPED]
    assert not verdict.conforms
    assert "not shown to conform: no check was executed" in str(verdict)


def test_an_exception_is_shown_with_its_file_and_line():
    (outcome,) = validate(refuses_3d, only="random/3-D grids, average").outcomes
    assert "NotImplementedError: three axes (test_all_checks.py, line" in outcome.message


def test_names_of_checks_are_unique_and_every_check_has_a_claim():
    assert len(set(CHECKS)) == len(CHECKS)
    assert all(check.claim for check in all_checks())


def test_an_unknown_check_is_refused():
    with pytest.raises(ValueError, match="no check is named 'lows/.'"):
        validate(right, only="lows/*")
