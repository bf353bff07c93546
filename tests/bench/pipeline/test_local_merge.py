"""Forcing local merge, compared with a plain loop over all pixel edges of the image."""

from collections import defaultdict
from itertools import product

import numpy as np
import pytest

from bench.pipeline.instances import block_labels_to_pixels
from bench.pipeline.local_merge import contract_blocks
from merge_impls import MergeProblem, merge
from merge_impls.offsets import offsets_at_distances, stages_by_distance

SIZE = (9, 13)
NEIGHBOURS = offsets_at_distances((1, 2, 4, 8))
UNEVEN = [(0, 1), (0, 3), (1, -2), (1, 0), (2, 1), (3, -5), (3, 3), (0, 12), (40, 0)]
GRIDS = {
    "eight neighbours": (NEIGHBOURS, stages_by_distance(NEIGHBOURS, (2, 4))),
    "uneven offsets": (UNEVEN, [2, 0, 1, 3, 0, 1, 2, 0, 0]),  # stages not in the order of distances
}


def random_grid(seed, grid, density, size=SIZE):
    """Random affinities, offsets, stages and mask of a grid."""
    offsets, stages = GRIDS[grid]
    random = np.random.default_rng(seed)
    affinities = random.integers(0, 65536, (len(offsets), *size), dtype=np.uint16)
    return affinities, offsets, stages, random.random(size) < density


def as_problem(affinities, offsets, stages, mask, thresholds=None, linkage="average"):
    thresholds = [0.5] * 4 if thresholds is None else thresholds
    return MergeProblem.from_grid(
        affinities, offsets, stages, thresholds, mask=mask, linkage=linkage
    )


def literal_contraction(affinities, offsets, stages, mask, block_size):
    """(mean affinity, stage, count) of each pair of blocks, by a loop over all pixel edges."""
    columns, width = -(-mask.shape[1] // block_size), mask.shape[1]

    def block(pixel):
        return pixel // width // block_size * columns + pixel % width // block_size

    found = defaultdict(list)
    blocks = as_problem(affinities, offsets, stages, mask).edge_blocks()
    for offset, stage, (u, v, q) in zip(offsets, stages, blocks, strict=True):
        distance = max(abs(int(length)) for length in offset)
        for here, there, fixed in zip(u.tolist(), v.tolist(), q.tolist(), strict=True):
            ends = sorted((block(here), block(there)))
            if ends[0] != ends[1]:
                found[tuple(ends)].append((distance, int(stage), fixed))
    return {
        ends: (
            sum(fixed for *_, fixed in edges) / (65535 * len(edges)),
            max(edges)[1],
            len(edges),
        )
        for ends, edges in found.items()
    }


def as_dictionary(graph):
    rest = zip(graph.affinities.tolist(), graph.stages.tolist(), graph.counts.tolist(), strict=True)
    return dict(zip(map(tuple, graph.edges.tolist()), rest, strict=True))


def steps(edges, columns):
    """(M, 2): how many rows and columns of blocks lead from the first block of each edge to the second."""
    u, v = np.asarray(edges).T
    return np.stack([v // columns - u // columns, v % columns - u % columns], axis=1)


@pytest.mark.parametrize("block_size", [1, 2, 3, 4, 7, 20])
@pytest.mark.parametrize("grid", GRIDS)
@pytest.mark.parametrize("density", [0.15, 0.7, 1])
def test_the_block_graph_equals_that_of_a_plain_loop(block_size, grid, density):
    arrays = random_grid(block_size, grid, density)
    graph = contract_blocks(*arrays, block_size)
    assert as_dictionary(graph) == literal_contraction(*arrays, block_size)
    types = [getattr(graph, name).dtype for name in ("edges", "affinities", "stages", "counts")]
    assert types == [np.int64, np.float64, np.int32, np.int64]


@pytest.mark.parametrize(("height", "width"), list(product((1, 2, 5), repeat=2)))
def test_images_of_few_blocks_are_merged_too(height, width):
    for grid in GRIDS:
        arrays = random_grid(0, grid, 1, (height, width))
        assert as_dictionary(contract_blocks(*arrays, 2)) == literal_contraction(*arrays, 2)


@pytest.mark.parametrize(
    ("block_size", "straight", "diagonal", "farther"), [(2, 8, 5, 4), (4, 42, 21, 16)]
)
def test_a_block_edge_counts_all_pixel_edges_between_its_blocks(
    block_size, straight, diagonal, farther
):
    offsets = offsets_at_distances((1, 2, 4, 8, 16))
    size = (40, 40)
    stages = stages_by_distance(offsets)
    arrays = np.zeros((len(offsets), *size), np.uint16), offsets, stages, np.ones(size, bool)
    expected = {
        tuple(step): farther
        for step in offsets_at_distances([d // block_size for d in (4, 8, 16)]).tolist()
    }
    expected |= {(0, 1): straight, (1, 0): straight, (1, 1): diagonal, (1, -1): diagonal}
    literal = literal_contraction(*arrays, block_size)
    graph = contract_blocks(*arrays, block_size)
    columns = size[1] // block_size
    for edges, counts in [
        (list(literal), [count for *_, count in literal.values()]),
        (graph.edges, graph.counts.tolist()),
    ]:
        found = zip(map(tuple, steps(edges, columns).tolist()), counts, strict=True)
        assert set(found) == set(expected.items())


@pytest.mark.parametrize("block_size", [2, 4])
def test_the_longest_pixel_distance_decides_the_stage_of_an_edge(block_size):
    offsets = offsets_at_distances((1, 2, 4, 8))
    stages = np.repeat([3, 1, 2, 0], 4)  # not in the order of distances
    full = np.zeros((len(offsets), 32, 32), np.uint16), offsets, stages
    graph = contract_blocks(*full, np.ones((32, 32), bool), block_size)
    reach = np.abs(steps(graph.edges, 32 // block_size)).max(axis=1)
    distances = dict(zip((1, 2, 4, 8), (3, 1, 2, 0), strict=True))
    assert graph.stages.tolist() == [distances[block_size * far] for far in reach.tolist()]

    thin = np.zeros((32, 32), bool)
    # The mask is two columns wide, so only edges of distance 1 cross from block to block.
    thin[:, block_size - 1 : block_size + 1] = True
    graph = contract_blocks(*full, thin, block_size)
    across = (steps(graph.edges, 32 // block_size) == (0, 1)).all(axis=1)
    assert across.sum() == 32 // block_size
    assert (graph.stages[across] == 3).all()


def test_edges_are_listed_once_and_in_ascending_order():
    for block_size in (1, 2, 3):
        graph = contract_blocks(*random_grid(5, "uneven offsets", 1), block_size)
        listed = graph.edges.tolist()
        assert len(listed) > 20
        assert listed == sorted(listed) and len({tuple(ends) for ends in listed}) == len(listed)
        assert (graph.edges[:, 0] < graph.edges[:, 1]).all()


@pytest.mark.parametrize("block_size", [2, 3, 4])
def test_blocks_at_the_border_cover_all_pixels(block_size):
    for density in (0.05, 1):
        affinities, offsets, stages, mask = random_grid(1, "eight neighbours", density)
        graph = contract_blocks(affinities, offsets, stages, mask, block_size)
        assert (
            graph.shape
            == graph.mask.shape
            == (-(-SIZE[0] // block_size), -(-SIZE[1] // block_size))
        )
        has_pixel = np.zeros(graph.shape, bool)
        within = 0
        for y, x in np.argwhere(mask).tolist():
            has_pixel[y // block_size, x // block_size] = True
            for dy, dx in offsets.tolist():
                there = y + dy, x + dx
                inside = 0 <= there[0] < SIZE[0] and 0 <= there[1] < SIZE[1] and mask[there]
                same = (y // block_size, x // block_size) == (
                    there[0] // block_size,
                    there[1] // block_size,
                )
                within += bool(inside and same)
        assert np.array_equal(graph.mask, has_pixel)
        problem = as_problem(affinities, offsets, stages, mask)
        assert graph.counts.sum() + within == problem.count_edges()


def test_blocks_that_no_pixel_edge_joins_have_no_edge():
    mask = np.array([[1, 0, 0, 0], [0, 0, 0, 1]], bool)
    graph = contract_blocks(np.ones((1, 2, 4), np.float32), [(0, 1)], [0], mask, 2)
    assert graph.mask.tolist() == [[True, True]]
    assert graph.edges.shape == (0, 2)
    assert not any(map(len, (graph.affinities, graph.stages, graph.counts)))


def test_an_affinity_of_zero_is_an_edge():
    graph = contract_blocks(
        np.zeros((1, 2, 4), np.float32), [(0, 1)], [0], np.ones((2, 4), bool), 2
    )
    assert as_dictionary(graph) == {(0, 1): (0.0, 0, 2)}


def test_float_affinities_give_the_graph_of_their_fixed_point():
    affinities, *rest = random_grid(2, "eight neighbours", 0.7)
    fixed = contract_blocks(affinities, *rest, 2)
    floats = contract_blocks((affinities / 65535).astype(np.float32), *rest, 2)
    assert as_dictionary(fixed) == as_dictionary(floats)


def merged(graph, thresholds, linkage):
    return merge(
        MergeProblem.from_edges(
            graph.mask.size,
            graph.edges,
            graph.affinities,
            graph.stages,
            thresholds,
            linkage=linkage,
        ),
        backend="heap",
    )


@pytest.mark.parametrize("linkage", ["average", "weighted"])
@pytest.mark.parametrize("seed", range(3))
def test_blocks_of_one_pixel_merge_as_the_grid_does(linkage, seed):
    arrays = random_grid(seed, "eight neighbours", 0.7)
    thresholds = [0.9, 0.7, 0.55]
    grid = merge(as_problem(*arrays, thresholds, linkage), backend="heap")
    blocks = merged(contract_blocks(*arrays, 1), thresholds, linkage)
    labels = block_labels_to_pixels(blocks.labels, 1, arrays[-1])
    numbered = np.unique(labels, return_inverse=True)[1].reshape(SIZE)
    assert 3 < grid.labels.max() < arrays[-1].sum() - 3
    assert np.array_equal(numbered, grid.labels)
    assert np.array_equal(blocks.history, grid.history)


def test_pixels_of_a_block_share_its_label_and_others_have_none():
    mask = np.random.default_rng(0).random(SIZE) < 0.6
    for block_size in (1, 2, 3, 4, 20):
        rows, columns = -(-SIZE[0] // block_size), -(-SIZE[1] // block_size)
        labels = np.random.default_rng(1).permutation(rows * columns).astype(np.int32) + 1
        got = block_labels_to_pixels(labels, block_size, mask)
        expected = [
            [
                labels[y // block_size * columns + x // block_size] if mask[y, x] else 0
                for x in range(SIZE[1])
            ]
            for y in range(SIZE[0])
        ]
        assert got.dtype == np.int32 and got.tolist() == expected
        assert np.array_equal(
            block_labels_to_pixels(labels.reshape(rows, columns), block_size, mask), got
        )


def test_invalid_arguments_are_named_in_the_error():
    affinities, offsets, stages, mask = random_grid(0, "eight neighbours", 1)
    with pytest.raises(ValueError, match="block_size is 0"):
        contract_blocks(affinities, offsets, stages, mask, 0)
    with pytest.raises(ValueError, match=r"affinities must have shape \(K, H, W\)"):
        contract_blocks(affinities[0], offsets, stages, mask, 2)
    with pytest.raises(ValueError, match="mask must have the grid's shape"):
        contract_blocks(affinities, offsets, stages, mask[1:], 2)
    with pytest.raises(ValueError, match="labels has 4 values; .* 5x7 blocks of 2x2 pixels"):
        block_labels_to_pixels(np.ones(4, np.int32), 2, mask)
