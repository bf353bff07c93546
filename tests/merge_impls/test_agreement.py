"""All backends give the same results bit for bit, and the results keep the rules of the contract."""

from concurrent.futures import ThreadPoolExecutor
from functools import cache

import numpy as np
import pytest

from merge_impls import HISTORY_DTYPE, MergeProblem, first_difference, merge
from merge_impls.argument_checks import LINKAGES
from merge_impls.builtin import BUILT_IN
from merge_impls.conformance.generate.examples import for_each_example
from merge_impls.conformance.generate.random_problems import problems
from merge_impls.fields import FAMILIES, graph_of_family, reason_family_is_missing

OTHERS = ["heap", "numba", "c"]
LINKAGES_OF = {backend.name: backend.linkages for backend in BUILT_IN}
ALL = ["networkx", *OTHERS]


@pytest.fixture(scope="module")
def references():
    found = []

    def add(problem):
        found.append((problem, merge(problem, "networkx")))

    for_each_example(problems(), add, 800, seeded_by="agreement")
    return found


def grid(affinities, offsets, mask):
    return MergeProblem.from_grid(affinities, offsets, [0, 1], [0.8, 0.4], mask=mask)


def paper_field(linkage, width=40, levels=None):
    """A grid of 60 rows with the 28 offsets and the three stages of the paper.

    The objects are vertical bars, each cut in two by 20 rows outside the mask.
    levels: the number of steps to which affinities are rounded, so that there are many ties.
    """
    rng = np.random.default_rng(7)
    shape = (60, width)
    rows, columns = np.indices(shape)
    objects = columns // 17
    directions = [(0, 1), (1, -1), (1, 0), (1, 1)]
    distances = [1, 2, 4, 8, 16, 32, 64]
    offsets = np.array([(d * y, d * x) for d in distances for y, x in directions])
    affinities = np.zeros((len(offsets), *shape), np.float32)
    for k, (dy, dx) in enumerate(offsets):
        same = objects == np.roll(objects, (-dy, -dx), (0, 1))
        affinities[k] = np.clip(same * 0.9 + rng.normal(0.04, 0.12, shape), 0, 1)
    if levels:
        affinities = np.rint(affinities * levels) / levels
    nearest = (
        1 if linkage == "single" else 4
    )  # otherwise stage 0 of "single" would do all the merges
    stages = [0 if d <= nearest else 1 if d <= 16 else 2 for d in distances for _ in directions]
    mask = (rng.random(shape) < 0.95) & ((rows < 20) | (rows >= 40))
    return MergeProblem.from_grid(
        affinities, offsets, stages, [0.97, 0.7, 0.3], mask=mask, linkage=linkage
    )


@cache
def paper_reference(linkage, levels):
    """A field with the paper's neighbourhood, and the result of the reference, which all backends share."""
    problem = paper_field(linkage, levels=levels)
    return problem, merge(problem, "networkx")


@pytest.mark.parametrize("backend", OTHERS)
def test_backend_agrees_with_the_reference_on_random_problems(references, backend):
    supported = [each for each in references if each[0].linkage in LINKAGES_OF[backend]]
    assert len(supported) > 300
    for number, (problem, expected) in enumerate(supported):
        difference = first_difference(expected, merge(problem, backend))
        assert difference is None, f"random problem {number}: {difference}"


@pytest.mark.parametrize(
    ("linkage", "backend"), [(each, name) for name in OTHERS for each in LINKAGES_OF[name]]
)
@pytest.mark.parametrize("levels", [None, 8], ids=["smooth", "tied"])
def test_backend_agrees_with_the_reference_on_the_papers_neighbourhood(backend, linkage, levels):
    problem, expected = paper_reference(linkage, levels)
    assert len(np.unique(expected.history["stage"])) == 3
    assert first_difference(expected, merge(problem, backend)) is None


@pytest.mark.parametrize("linkage", LINKAGES_OF["heap"])
def test_backends_agree_with_heap_on_a_field_too_large_for_networkx(linkage):
    problem = paper_field(linkage, width=500)
    expected = merge(problem, "heap")
    for backend in (name for name in ("numba", "c") if linkage in LINKAGES_OF[name]):
        assert first_difference(expected, merge(problem, backend)) is None, backend


def test_history_of_a_stage_is_sorted_by_weight_and_names_descending(references):
    for _, result in references:
        rows = [(-s, w, a, b) for s, a, b, w in result.history.tolist()]
        assert rows == sorted(rows, reverse=True)
        assert (result.history["a"] < result.history["b"]).all()


def test_no_merge_lies_below_the_threshold_of_its_stage(references):
    for problem, result in references:
        thresholds = problem.thresholds[result.history["stage"]]
        assert (result.history["weight"] >= thresholds).all()


def test_segments_are_numbered_in_raster_order_of_their_first_vertex(references):
    for problem, result in references:
        labels = result.labels.ravel()
        assert not labels[~problem.foreground.ravel()].any()
        segments, first = np.unique(labels[labels > 0], return_index=True)
        assert segments.tolist() == list(range(1, len(result.sizes) + 1))
        assert (np.diff(first) > 0).all()


def test_numbers_of_segments_and_merges_sum_to_the_number_of_vertices(references):
    for problem, result in references:
        assert len(result.sizes) + len(result.history) == problem.foreground.sum()
        np.testing.assert_array_equal(result.sizes, np.bincount(result.labels.ravel())[1:])


@pytest.mark.parametrize("backend", ALL)
def test_results_have_the_contracts_dtypes_also_when_empty(backend):
    nothing = MergeProblem.from_grid(
        np.ones((1, 2, 3)), [(0, 1)], [0], [0.5], mask=np.zeros((2, 3), bool)
    )
    result = merge(nothing, backend)
    assert (result.labels.dtype, result.labels.shape) == (np.int32, (2, 3))
    assert (result.sizes.dtype, result.sizes.shape) == (np.int64, (0,))
    assert (result.confidences.dtype, result.confidences.shape) == (np.float64, (0,))
    assert (result.history.dtype, result.history.shape) == (HISTORY_DTYPE, (0,))
    assert result.backend == backend


@pytest.mark.parametrize("backend", ALL)
def test_merging_leaves_the_input_as_it_was(backend):
    affinities = np.random.default_rng(3).integers(0, 65536, (2, 9, 9), np.uint16)
    mask = affinities[0] > 9000
    before = affinities.copy(), mask.copy()
    merge(MergeProblem.from_grid(affinities, [(0, 1), (1, 0)], [0, 0], [0.4], mask=mask), backend)
    np.testing.assert_array_equal(affinities, before[0])
    np.testing.assert_array_equal(mask, before[1])


@pytest.mark.parametrize("backend", ALL)
def test_memory_layout_of_the_input_does_not_matter(backend):
    rng = np.random.default_rng(4)
    affinities = np.moveaxis(rng.integers(0, 65536, (9, 18, 4), np.uint16), 2, 0)[::2, :, ::-2]
    mask = (rng.random((18, 9)).T < 0.9)[:, ::2]
    offsets = np.array([(0, 9, 1, 9), (1, 9, -1, 9)])[:, ::2]
    assert not any(array.flags.c_contiguous for array in (affinities, mask, offsets))
    strided = grid(affinities, offsets, mask)
    plain = grid(affinities.copy("C"), offsets.copy("C"), mask.copy("C"))
    assert first_difference(merge(plain, "networkx"), merge(strided, backend)) is None


@pytest.mark.parametrize("backend", OTHERS)
def test_concurrent_merges_give_the_right_results(backend):
    problems = [paper_field(linkage) for linkage in LINKAGES_OF[backend]] * 2
    expected = [merge(problem, backend) for problem in problems]
    with ThreadPoolExecutor(2) as pool:
        got = list(pool.map(lambda problem: merge(problem, backend), problems))
    for left, right in zip(expected, got, strict=True):
        assert first_difference(left, right) is None


SEEDED = [name for name, family in FAMILIES.items() if family.is_seeded]


@pytest.mark.parametrize("linkage", LINKAGES)
@pytest.mark.parametrize("family", SEEDED)
def test_all_backends_agree_on_a_graph_of_each_family(family, linkage):
    problem = graph_of_family(family, 5000, linkage=linkage)
    expected = merge(problem, "networkx")
    for backend in OTHERS:
        if linkage in LINKAGES_OF[backend]:
            assert first_difference(expected, merge(problem, backend)) is None


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("family", SEEDED)
def test_fast_backends_agree_with_heap_on_a_larger_graph_of_each_family(family, threads):
    for linkage in ("average", "weighted"):
        problem = graph_of_family(family, 20_000, linkage=linkage)
        expected = merge(problem, "heap")
        for backend in ("c", "numba"):
            found = merge(problem, backend, threads=threads)
            assert first_difference(expected, found) is None


@pytest.mark.parametrize("linkage", ["average", "weighted"])
@pytest.mark.parametrize("family", [name for name in FAMILIES if name not in SEEDED])
def test_fast_backends_agree_with_heap_on_a_real_volume(family, linkage):
    if reason := reason_family_is_missing(family):
        pytest.skip(reason)
    problem = graph_of_family(family, 100_000, linkage=linkage)
    expected = merge(problem, "heap")
    for backend in ("c", "numba"):
        assert first_difference(expected, merge(problem, backend)) is None
