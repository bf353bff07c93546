"""Make the ``Pixels`` of a grid for the compiled functions of the backend ``numba``.

In later stages a grid is read row by row, as runs of pixels with the same label.
"""

import numpy as np

from merge_impls.arrays import Int32Array, Int64Array, StructuredArray
from merge_impls.builtin.numba_edges import rows_with_room
from merge_impls.builtin.numba_kernels.layouts import RUN, Pixels
from merge_impls.builtin.numba_kernels.linkage import LINKAGE_NUMBERS
from merge_impls.builtin.numba_kernels.runs import (
    append_edges_between_labels,
    find_runs,
    sum_edges_inside_labels,
)
from merge_impls.builtin.numba_kernels.segments import label_pixels
from merge_impls.builtin.numba_kernels.stop import raise_if_stopped
from merge_impls.problem import MergeProblem

NUM_AXES = 3
"""Compiled functions have three axes for every grid; the first of a 2-D grid has length 1."""


def make_pixels(problem: MergeProblem, stop: Int32Array) -> Pixels:
    """Make the pixels of a problem, without neighbours. For explicit edges, each vertex is a pixel.

    stop: int32 (1,), the flag that stops the merge.
    """
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
        stop=stop,
    )


def find_channels_of_stages(problem: MergeProblem) -> list[Int64Array]:
    """For each stage, the indices of its edges or, in a grid, of its offsets.

    Offsets that are longer than the grid are left out.
    """
    stages = problem.stages
    if problem.offsets is not None:
        is_short = (np.abs(problem.offsets) < problem.shape).all(axis=1)
        stages = np.where(is_short, stages, -1)
    return [np.flatnonzero(stages == stage) for stage in range(len(problem.thresholds))]


def _offsets_in_3d(problem: MergeProblem) -> Int64Array:
    """The offsets of a grid with three components, int64 (K, 3)."""
    assert problem.offsets is not None
    padded = np.zeros((len(problem.offsets), NUM_AXES), np.int64)
    padded[:, NUM_AXES - problem.offsets.shape[1] :] = problem.offsets
    return padded


def add_neighbours(pixels: Pixels, problem: MergeProblem, channels: Int64Array) -> Pixels:
    """Return the pixels with neighbours along the offsets of ``channels`` and their opposites."""
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
    """Return the pixels without neighbours, for a later stage, which builds its graph from edges."""
    nothing = np.empty(0, np.int64)
    return pixels._replace(steps=np.empty((0, NUM_AXES), np.int64), jumps=nothing, shifts=nothing)


def _find_grid_runs(labels: Int32Array, pixels: Pixels) -> tuple[StructuredArray, Int64Array]:
    """Return the runs, rows of ``RUN``, and the index of the first run of each row of the grid.

    labels: int32 (n,), of each vertex, above 0.
    The indices have shape (rows + 1,); the last one is the number of runs.
    """
    depth, height, width = pixels.shape
    firsts = np.empty(depth * height + 1, np.int64)
    runs = np.empty(len(pixels.pixels), RUN)  # at most one for each pixel of the foreground
    count = find_runs(pixels.pixels, labels, width, runs, firsts, pixels.stop)
    raise_if_stopped(pixels.stop)
    return runs[:count], firsts


def append_stage_edges(
    problem: MergeProblem,
    pixels: Pixels,
    roots: Int32Array,
    channels: Int64Array,
    edges: StructuredArray,
) -> StructuredArray:
    """Return ``edges`` and, behind them, the pixel edges of a stage between different super-vertices.

    Several edges may join the same two vertices.
    roots: int32 (n,), the super-vertex of each vertex.
    channels: from ``find_channels_of_stages``. edges: rows of ``EDGE``, as the returned array.
    """
    runs, firsts = _find_grid_runs(roots + np.int32(1), pixels)
    steps, linkage = _offsets_in_3d(problem), LINKAGE_NUMBERS[problem.linkage]
    affinities = pixels.affinities.reshape(len(steps), problem.num_vertices)
    appended = rows_with_room(edges, len(channels) * len(runs))  # mostly enough
    count, left = len(edges), len(channels)
    for k in channels:
        of_offset = runs, firsts, pixels.shape, steps[k], affinities[k], linkage
        end = append_edges_between_labels(*of_offset, appended, count, pixels.stop)
        raise_if_stopped(pixels.stop)
        if end > len(appended):  # they were only counted; an offset adds less than 2 edges a run
            appended = rows_with_room(appended[:count], left * 2 * len(runs))
            end = append_edges_between_labels(*of_offset, appended, count, pixels.stop)
            raise_if_stopped(pixels.stop)
        count, left = end, left - 1
    return appended[:count]


def make_labels(problem: MergeProblem, pixels: Pixels, segments: Int32Array) -> Int32Array:
    """The label of each pixel, int32 (pixels,), from the segment of each vertex; 0 outside the mask."""
    labels = np.zeros(problem.num_vertices, np.int32)
    label_pixels(pixels.pixels, segments, labels, pixels.stop)
    raise_if_stopped(pixels.stop)
    return labels


def sum_edges_by_segment(
    problem: MergeProblem, pixels: Pixels, segments: Int32Array, count: int
) -> tuple[Int64Array, Int64Array]:
    """Sum and count the pixel edges, of all stages, with both ends in the same segment.

    segments: int32 (n,), the segment of each vertex, from 1 to ``count``.
    Returns exact sums of affinities and counts, each int64 (count,).
    """
    runs, firsts = _find_grid_runs(segments, pixels)
    affinities = pixels.affinities.reshape(-1, problem.num_vertices)
    totals, counts = np.zeros(count, np.int64), np.zeros(count, np.int64)
    for step, of_step in zip(_offsets_in_3d(problem), affinities, strict=True):
        sum_edges_inside_labels(
            runs, firsts, pixels.shape, step, of_step, totals, counts, pixels.stop
        )
        raise_if_stopped(pixels.stop)
    return totals, counts
