"""A grid as the compiled functions of the backend ``numba`` take it, and its rows as runs."""

import numpy as np

from merge_impls.arrays import Int32Array, Int64Array, IntegerArray, StructuredArray
from merge_impls.builtin.numba_kernels.layouts import EDGE, RUN, Pixels
from merge_impls.builtin.numba_kernels.linkage import LINKAGE_NUMBERS
from merge_impls.builtin.numba_kernels.runs import (
    append_edges_between_labels,
    find_runs,
    sum_edges_inside_labels,
)
from merge_impls.problem import MergeProblem

NUM_AXES = 3


def make_pixels(problem: MergeProblem) -> Pixels:
    """The pixels of a problem, without neighbours; of explicit edges every vertex counts as a pixel."""
    shape, affinities = np.zeros(NUM_AXES, np.int64), np.empty(0, np.uint16)
    numbers, pixels = np.empty(0, np.int32), np.arange(problem.num_vertices, dtype=np.int32)
    if problem.mask is not None:
        shape = np.array((1,) * (NUM_AXES - len(problem.shape)) + problem.shape, np.int64)
        affinities = np.ascontiguousarray(problem.affinities).reshape(-1)
        mask = problem.mask.reshape(-1)
        pixels = np.flatnonzero(mask).astype(np.int32)
        numbers = np.full(len(mask), -1, np.int32)
        numbers[pixels] = np.arange(len(pixels), dtype=np.int32)
    affinities.flags.writeable = False
    nothing = np.empty(0, np.int64)
    return Pixels(
        shape=shape,
        margin=np.zeros(NUM_AXES, np.int64),
        steps=np.empty((0, NUM_AXES), np.int64),
        jumps=nothing,
        shifts=nothing,
        affinities=affinities,
        numbers=numbers,
        pixels=pixels,
    )


def find_stage_channels(problem: MergeProblem, stage: int) -> IntegerArray:
    """The indices of a stage's edges or, in a grid, of its offsets that are shorter than the grid."""
    chosen = problem.stages == stage
    if problem.offsets is not None:
        chosen = chosen & (np.abs(problem.offsets) < problem.shape).all(axis=1)
    return np.flatnonzero(chosen)


def _offsets_in_3d(problem: MergeProblem) -> Int64Array:
    """The offsets (K, 3) in three dimensions."""
    assert problem.offsets is not None
    return np.pad(problem.offsets, ((0, 0), (NUM_AXES - problem.offsets.shape[1], 0)))


def add_neighbours(pixels: Pixels, problem: MergeProblem, channels: IntegerArray) -> Pixels:
    """The same pixels, joined to their neighbours along some offsets."""
    steps = _offsets_in_3d(problem)[channels]
    raster = np.array([pixels.shape[1] * pixels.shape[2], pixels.shape[2], 1])
    jumps, bases = steps @ raster, channels * problem.num_vertices
    return pixels._replace(
        margin=np.abs(steps).max(axis=0),
        steps=np.concatenate([steps, -steps]),
        jumps=np.concatenate([jumps, -jumps]),
        shifts=np.concatenate([bases, bases - jumps]),
    )


def remove_neighbours(pixels: Pixels) -> Pixels:
    """The same pixels, for a later stage, whose graph is no longer the grid."""
    nothing = np.empty(0, np.int64)
    return pixels._replace(steps=np.empty((0, NUM_AXES), np.int64), jumps=nothing, shifts=nothing)


def _runs_of_grid(labels: Int32Array, shape: Int64Array) -> tuple[StructuredArray, Int64Array]:
    """RUN rows, and the first run of each row of the grid (rows + 1,)."""
    firsts = np.empty(shape[0] * shape[1] + 1, np.int64)
    runs = np.empty(find_runs(labels, shape[2], np.empty(0, RUN), firsts), RUN)
    find_runs(labels, shape[2], runs, firsts)
    return runs, firsts


def list_edges_between_labels(
    problem: MergeProblem, pixels: Pixels, labels: Int32Array, channels: IntegerArray
) -> StructuredArray:
    """EDGE rows of the pixel edges of some offsets between two labels; label - 1 is the vertex."""
    runs, firsts = _runs_of_grid(labels, pixels.shape)
    steps, linkage = _offsets_in_3d(problem), LINKAGE_NUMBERS[problem.linkage]
    affinities = pixels.affinities.reshape(len(steps), problem.num_vertices)
    edges = np.empty(0, EDGE)
    while True:
        needed = 0
        for k in channels:
            needed = append_edges_between_labels(
                runs, firsts, pixels.shape, steps[k], affinities[k], linkage, edges, needed
            )
        if needed <= len(edges):
            return edges
        edges = np.empty(needed, EDGE)


def sum_edges_by_label(
    problem: MergeProblem, pixels: Pixels, labels: Int32Array, count: int
) -> tuple[Int64Array, Int64Array]:
    """Exact sums and counts (count,) int64 of the pixel edges, of all stages, within each label."""
    runs, firsts = _runs_of_grid(labels, pixels.shape)
    affinities = pixels.affinities.reshape(-1, problem.num_vertices)
    totals, counts = np.zeros(count, np.int64), np.zeros(count, np.int64)
    for step, of_step in zip(_offsets_in_3d(problem), affinities, strict=True):
        sum_edges_inside_labels(runs, firsts, pixels.shape, step, of_step, totals, counts)
    return totals, counts
