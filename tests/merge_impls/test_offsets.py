"""``pair_slices`` selects both ends of the edges of an offset; it is checked against a loop over pixels."""

from itertools import product

import numpy as np
import pytest

from merge_impls import MergeProblem
from merge_impls.fields import field
from merge_impls.offsets import pair_slices


@pytest.mark.parametrize("shape", [(1, 1), (3, 4), (4, 2), (2, 1, 3)])
def test_pair_slices_align_both_ends_of_every_edge(shape):
    pixels = np.moveaxis(np.indices(shape), 0, -1)
    reach = max(shape) + 2
    for offset in product(range(-reach, reach + 1), repeat=len(shape)):
        first, second = (pixels[ends] for ends in pair_slices(shape, np.array(offset)))
        expected = [
            p
            for p in product(*map(range, shape))
            if all(0 <= x + o < n for x, o, n in zip(p, offset, shape, strict=True))
        ]
        assert first.reshape(-1, len(shape)).tolist() == [list(p) for p in expected], offset
        np.testing.assert_array_equal(second, first + offset)


def test_count_edges_is_the_length_of_the_edge_arrays():
    grid = field(16, 32)
    u, v, q, stages = grid.edge_arrays()
    assert 0 < grid.count_edges() == len(q)
    assert type(grid.count_edges()) is int  # json cannot write a numpy integer
    edges = np.stack([u, v], axis=1)
    graph = MergeProblem.from_edges(grid.num_vertices, edges, q, stages, grid.thresholds)
    assert graph.count_edges() == len(q)
