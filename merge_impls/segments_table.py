"""Write the segments of a result as a CSV table, with size, confidence, box and centroid."""

import csv
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from merge_impls.arrays import Float64Array, Int32Array, Int64Array
from merge_impls.result import CompleteResult

AXIS_NAMES = {2: ("y", "x"), 3: ("z", "y", "x")}
"""The names of the axes of a grid, by the number of its axes."""


def drop_small_segments(result: CompleteResult, min_size: int) -> CompleteResult:
    """Return a result without the segments of fewer than ``min_size`` vertices.

    The vertices of these segments get label 0. The other segments are numbered 1..N again, in raster
    order of their first vertices. The new result has no history, because the old one contains
    merges of the removed segments.
    """
    kept = np.greater_equal(result.sizes, min_size)
    numbers = np.zeros(len(kept) + 1, np.int32)
    numbers[1:][kept] = np.arange(1, kept.sum() + 1)
    return replace(
        result,
        labels=numbers[result.labels],
        sizes=result.sizes[kept],
        confidences=result.confidences[kept],
        history=None,
    )


def segment_boxes_and_centroids(
    labels: Int32Array, sizes: Int64Array
) -> tuple[Int64Array, Int64Array, Float64Array]:
    """Return the box (first, end) and the centroid of each segment of a grid, each (N, ndim).

    labels: int32 of the grid's shape, 1..N in the segments. sizes: int64 (N,), vertices of each one.
    A segment lies in first <= index < end on every axis; first and end are int64. The centroid,
    float64, is the mean index of the segment's vertices. All are in pixels.
    """
    shape = (len(sizes), labels.ndim)
    first, end, centroid = np.empty(shape, np.int64), np.empty(shape, np.int64), np.empty(shape)
    foreground = np.flatnonzero(labels)
    by_segment = foreground[np.argsort(labels.ravel()[foreground], kind="stable")]
    starts = np.cumsum(sizes) - sizes
    for axis, indices in enumerate(np.unravel_index(by_segment, labels.shape)):
        first[:, axis] = np.minimum.reduceat(indices, starts)
        end[:, axis] = np.maximum.reduceat(indices, starts) + 1
        centroid[:, axis] = np.add.reduceat(indices, starts) / sizes
    return first, end, centroid


def write_segments_table(path: Path, result: CompleteResult) -> None:
    """Write the segments of a grid as CSV, in the order of their labels.

    The columns are label, size and confidence, then the first index, the last index + 1 and the
    centroid on each axis, in pixels: y_first, y_end, y_centroid, x_first and so on. A 3-D grid has
    the axes z, y and x.
    """
    axes = AXIS_NAMES[result.labels.ndim]
    kinds = ("first", "end", "centroid")
    with path.open("w", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(
            ["label", "size", "confidence", *(f"{axis}_{kind}" for axis in axes for kind in kinds)]
        )
        table.writerows(_table_rows(result))


def _table_rows(result: CompleteResult) -> Iterator[tuple[int | float, ...]]:
    boxes = segment_boxes_and_centroids(result.labels, result.sizes)
    columns: list[Int64Array | Float64Array] = [result.sizes, result.confidences]
    for axis in range(result.labels.ndim):
        columns += [box[:, axis] for box in boxes]
    labels = range(1, len(result.sizes) + 1)
    return zip(labels, *(column.tolist() for column in columns), strict=True)
