"""Write the segments of a result as a table: a row each, with size, confidence, box and centroid."""

import csv
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from merge_impls.arrays import Float64Array, Int32Array, Int64Array
from merge_impls.result import CompleteResult

AXIS_NAMES = {2: ("y", "x"), 3: ("z", "y", "x")}
"""The names of a grid's axes, by the number of axes."""


def drop_small_segments(result: CompleteResult, min_size: int) -> CompleteResult:
    """The result without its segments of fewer than ``min_size`` vertices.

    Their labels become 0, the others are numbered 1..N again in raster order of their first vertex.
    The history is dropped, because it lists merges of all segments.
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


def segment_boxes(
    labels: Int32Array, sizes: Int64Array
) -> tuple[Int64Array, Int64Array, Float64Array]:
    """(first, end, centroid), each (N, ndim), of the segments 1..N of a grid.

    labels: int32 of the grid's shape, 0 outside; sizes: int64 (N,), the vertices of each.
    first and end, int64: a segment lies in first <= index < end on every axis. centroid, float64:
    the mean index of its vertices.
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

    Columns: label, size, confidence, then for each axis (y, x, or z, y, x) its first index, the one
    after its last, and the centroid: y_first, y_end, y_centroid and so on, in pixels.
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
    boxes = segment_boxes(result.labels, result.sizes)
    columns: list[Int64Array | Float64Array] = [result.sizes, result.confidences]
    for axis in range(result.labels.ndim):
        columns += [box[:, axis] for box in boxes]
    labels = range(1, len(result.sizes) + 1)
    return zip(labels, *(column.tolist() for column in columns), strict=True)
