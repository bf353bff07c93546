"""The arrays of a problem, ``MergeProblem.replace``, and the conversion of floats to fixed point."""

import copy
import pickle
from dataclasses import fields

import numpy as np
import pytest

from merge_impls import MergeProblem, merge
from merge_impls.fixed_point_affinities import affinities_to_fixed_point
from tests.merge_impls.example_arguments import EDGES, GRID


def test_a_grid_problem_holds_its_arguments():
    problem = MergeProblem.from_grid(**GRID, linkage="weighted")
    assert (problem.shape, problem.num_vertices, problem.linkage) == ((3, 4), 12, "weighted")
    assert (problem.affinities.dtype, problem.affinities.shape) == (np.uint16, (2, 3, 4))
    assert problem.offsets.tolist() == [[0, 1], [1, -1]]
    assert problem.stages.tolist() == [0, 1]
    assert problem.mask.all() and problem.mask.shape == (3, 4)
    assert problem.edges is None


def test_an_edge_problem_holds_its_arguments():
    problem = MergeProblem.from_edges(**EDGES)
    assert (problem.shape, problem.num_vertices, problem.linkage) == ((3,), 3, "average")
    assert problem.edges.tolist() == [[0, 1], [2, 1]]
    assert problem.affinities.tolist() == [32768, 65535]
    assert problem.offsets is None and problem.mask is None


def test_attributes_cannot_be_set_nor_their_arrays_written():
    problem = MergeProblem.from_grid(**GRID)
    for name in ("affinities", "offsets", "stages", "thresholds", "mask"):
        with pytest.raises(AttributeError):
            setattr(problem, name, None)
        with pytest.raises(ValueError, match="read-only"):
            getattr(problem, name).flat[0] = 1


def test_affinities_are_viewed_all_else_is_copied_all_stays_writeable():
    affinities, mask = np.zeros((1, 2, 2), np.uint16), np.ones((2, 2), bool)
    offsets, stages = np.array([(0, 1)]), np.zeros(1, np.int32)
    problem = MergeProblem.from_grid(affinities, offsets, stages, [0.5], mask=mask)
    for own, seen, is_shared in [
        (affinities, problem.affinities, True),
        (mask, problem.mask, False),
        (offsets, problem.offsets, False),
        (stages, problem.stages, False),
    ]:
        assert np.shares_memory(own, seen) == is_shared
        assert own.flags.writeable


def test_edges_and_their_counts_are_copied():
    edges, ones = np.array([(0, 1), (1, 2)]), np.ones(2, np.int64)
    given = {"stages": np.zeros(2, np.int32), "counts": ones, "totals": ones.copy()}
    problem = MergeProblem.from_edges(3, edges, [0.5, 0.5], thresholds=[0.5], **given)
    for own, name in [(edges, "edges"), *((own, name) for name, own in given.items())]:
        assert not np.shares_memory(own, getattr(problem, name))


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_floats_round_in_double_precision_half_to_even(dtype):
    values = np.linspace(0, 1, 4097).astype(dtype)
    expected = [round(float(value) * 65535) for value in values]
    assert affinities_to_fixed_point(values).tolist() == expected


def test_halves_round_to_the_even_neighbour():
    assert affinities_to_fixed_point(np.array([0.5, 0.5 / 65535, 1.5 / 65535])).tolist() == [
        32768,
        0,
        2,
    ]


def test_every_fixed_point_number_survives_conversion_to_float32():
    numbers = np.arange(65536, dtype=np.uint16)
    np.testing.assert_array_equal(affinities_to_fixed_point(numbers / np.float32(65535)), numbers)


def test_thresholds_are_the_weights_of_their_fixed_point_numbers():
    problem = MergeProblem.from_edges(1, [], [], [], [0, 0.97, 0.5, 1])
    expected = [np.float32(round(r * 65535) / 65535) for r in (0, 0.97, 0.5, 1)]
    assert problem.thresholds.dtype == np.float32
    assert problem.thresholds.tolist() == expected


def test_byte_order_of_fixed_point_does_not_matter():
    native = np.array([1, 2, 65534], np.uint16)
    swapped = native.astype(native.dtype.newbyteorder())
    assert affinities_to_fixed_point(swapped).tolist() == native.tolist()


@pytest.mark.parametrize("backend", ["networkx", "heap", "numba", "c"])
def test_graph_without_edges_stays_as_it_is(backend):
    result = merge(MergeProblem.from_edges(3, [], [], [], [0.0]), backend)
    assert result.labels.tolist() == [1, 2, 3]
    assert result.confidences.tolist() == [0.0, 0.0, 0.0]


@pytest.mark.parametrize("backend", ["networkx", "heap", "numba", "c"])
def test_grid_without_offsets_stays_as_it_is(backend):
    problem = MergeProblem.from_grid(np.zeros((0, 2, 2)), [], [], [0.0])
    assert merge(problem, backend).labels.tolist() == [[1, 2], [3, 4]]


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda p: pickle.loads(pickle.dumps(p))])
def test_the_arrays_of_a_copied_problem_are_read_only(copied):
    problem = copied(MergeProblem.from_grid(**GRID))
    with pytest.raises(ValueError, match="read-only"):
        problem.affinities[0, 0, 0] = 1


def test_the_affinities_of_a_contiguous_grid_are_not_copied():
    affinities, mask = np.zeros((2, 3, 4), np.uint16), np.ones((3, 4), bool)
    problem = MergeProblem.from_grid(affinities, [(0, 1), (1, -1)], [0, 1], [0.9, 0.5], mask=mask)
    assert np.shares_memory(problem.affinities, affinities)


@pytest.mark.parametrize("stage", [None, 0, 1])
def test_edge_blocks_and_edge_arrays_give_the_same_edges(stage):
    random = np.random.default_rng(0)
    grid = MergeProblem.from_grid(
        random.random((3, 5, 6)),
        [(0, 1), (1, -1), (9, 0)],
        [0, 1, 1],
        [0.9, 0.5],
        mask=random.random((5, 6)) < 0.7,
    )
    graph = MergeProblem.from_edges(3, [(0, 1), (2, 1), (0, 1)], [0.5, 1, 0.2], [0, 1, 0], [1, 0])
    for problem in (grid, graph):
        u, v, q, stages = problem.edge_arrays()
        assert [a.dtype for a in (u, v, q, stages)] == [np.int64, np.int64, np.uint16, np.int32]
        chosen = np.ones(len(u), bool) if stage is None else stages == stage
        blocks = [np.array(block) for block in problem.edge_blocks(stage)]
        together = np.concatenate([np.empty((3, 0)), *blocks], axis=1)
        np.testing.assert_array_equal(together, np.array([u, v, q])[:, chosen])


def test_a_problem_without_edges_has_empty_edge_arrays():
    nothing = MergeProblem.from_grid(np.empty((0, 2, 2)), [], [], [0.5])
    assert [array.shape for array in nothing.edge_arrays()] == [(0,)] * 4


def test_a_masked_array_is_refused():
    masked = np.ma.masked_array(GRID["affinities"], mask=True)
    with pytest.raises(TypeError, match="affinities is a masked array"):
        MergeProblem.from_grid(**GRID | {"affinities": masked})


@pytest.mark.parametrize(
    "changes",
    [
        {"thresholds": [0.8, 0.1]},
        {"linkage": "weighted"},
        {"offsets": [(0, 2), (1, 0)], "stages": [1, 1]},
        {"affinities": np.ones((2, 5, 2), np.uint16), "mask": None},
    ],
)
def test_replace_on_a_grid_equals_a_new_problem_with_the_changes(changes):
    mask = np.arange(12).reshape(3, 4) > 2
    arguments = GRID | {"mask": mask, "linkage": "average"}
    changed = MergeProblem.from_grid(**arguments).replace(**changes)
    assert_same_problem(changed, MergeProblem.from_grid(**(arguments | changes)))


@pytest.mark.parametrize(
    "changes",
    [
        {"thresholds": [0.1]},
        {"linkage": "weighted"},
        {"num_vertices": 4, "edges": [(0, 3), (1, 2)]},
        {"affinities": [0.25, 0.75], "stages": [0, 1], "thresholds": [0.5, 0.4]},
    ],
)
def test_replace_on_a_graph_equals_a_new_problem_with_the_changes(changes):
    changed = MergeProblem.from_edges(**EDGES).replace(**changes)
    assert_same_problem(changed, MergeProblem.from_edges(**(EDGES | changes)))


def test_a_replaced_field_is_checked_and_other_arrays_are_shared():
    problem = MergeProblem.from_grid(**GRID)
    assert np.shares_memory(problem.replace(linkage="weighted").affinities, problem.affinities)
    with pytest.raises(ValueError, match="stages"):
        problem.replace(thresholds=[0.5])
    with pytest.raises(TypeError, match="a grid has no edges to replace, only affinities, offsets"):
        problem.replace(edges=[(0, 1)])
    with pytest.raises(TypeError, match="a problem of explicit edges has no mask to replace"):
        MergeProblem.from_edges(**EDGES).replace(mask=None)


def test_the_foreground_is_the_mask_or_every_vertex_of_a_graph():
    mask = np.eye(3, 4, dtype=bool)
    assert np.array_equal(MergeProblem.from_grid(**GRID, mask=mask).foreground, mask)
    assert MergeProblem.from_edges(**EDGES).foreground.tolist() == [True] * 3


def assert_same_problem(got: MergeProblem, expected: MergeProblem) -> None:
    for field in fields(MergeProblem):
        one, other = getattr(got, field.name), getattr(expected, field.name)
        assert getattr(one, "dtype", None) == getattr(other, "dtype", None)
        assert np.array_equal(one, other)
