"""The table of segments: its rows, checked against a loop over pixels, and the removal of small segments."""

import csv

import numpy as np
import pytest

from merge_impls import MergeProblem, merge
from merge_impls.result import segment_sizes
from merge_impls.segments_table import (
    drop_small_segments,
    segment_boxes_and_centroids,
    write_segments_table,
)


def merge_random_grid(shape, seed=0):
    rng = np.random.default_rng(seed)
    offsets = np.eye(len(shape), dtype=int)
    return merge(
        MergeProblem.from_grid(
            rng.random((len(shape), *shape)),
            offsets,
            np.zeros(len(shape), int),
            [0.5],
            mask=rng.random(shape) < 0.9,
        )
    )


def literal_rows(labels, confidences):
    """Yield a row for each segment: label, size, confidence, and first, end and centroid of each axis."""
    for label in range(1, labels.max() + 1):
        pixels = np.argwhere(labels == label)
        row = [label, len(pixels), confidences[label - 1]]
        for indices in pixels.T:
            row += [indices.min(), indices.max() + 1, indices.mean()]
        yield row


@pytest.mark.parametrize("shape", [(1, 1), (7, 9), (1, 30), (4, 5, 6)])
def test_the_table_agrees_with_a_loop_over_the_pixels(shape, tmp_path):
    result = merge_random_grid(shape)
    write_segments_table(tmp_path / "segments.csv", result)
    with (tmp_path / "segments.csv").open() as file:
        heading, *rows = csv.reader(file)
    axes = ["z", "y", "x"][-len(shape) :]
    kinds = ["first", "end", "centroid"]
    assert heading == [
        *("label", "size", "confidence"),
        *(f"{axis}_{kind}" for axis in axes for kind in kinds),
    ]
    expected = list(literal_rows(result.labels, result.confidences))
    np.testing.assert_allclose(np.array(rows, float).reshape(len(expected), -1), expected, 1e-14)
    assert [float(row[2]) for row in rows] == result.confidences.tolist()


def test_a_grid_without_segments_has_an_empty_table(tmp_path):
    nothing = MergeProblem.from_grid(
        np.ones((1, 2, 3)), [(0, 1)], [0], [0.5], mask=np.zeros((2, 3), bool)
    )
    write_segments_table(tmp_path / "segments.csv", merge(nothing))
    assert len((tmp_path / "segments.csv").read_text().splitlines()) == 1


def test_boxes_are_the_smallest_around_their_segments():
    labels = np.array([[1, 0, 2], [1, 1, 2], [0, 3, 0]], np.int32)
    first, end, centroid = segment_boxes_and_centroids(labels, segment_sizes(labels))
    assert first.tolist() == [[0, 0], [0, 2], [2, 1]]
    assert end.tolist() == [[2, 2], [2, 3], [3, 2]]
    assert centroid.tolist() == [[2 / 3, 1 / 3], [0.5, 2], [2, 1]]


@pytest.mark.parametrize("min_size", [1, 2, 3, 1000])
def test_small_segments_become_0_and_the_others_keep_their_raster_order(min_size):
    result = merge_random_grid((12, 15))
    kept = drop_small_segments(result, min_size)
    large = result.sizes >= min_size
    assert kept.labels.dtype == np.int32
    np.testing.assert_array_equal(kept.sizes, result.sizes[large])
    np.testing.assert_array_equal(kept.confidences, result.confidences[large])
    np.testing.assert_array_equal(segment_sizes(kept.labels), kept.sizes)
    _, first = np.unique(kept.labels[kept.labels > 0], return_index=True)
    assert (np.diff(first) > 0).all()
    for pixel in np.ndindex(result.labels.shape):
        old, new = result.labels[pixel], kept.labels[pixel]
        assert new == (1 + large[: old - 1].sum() if old and large[old - 1] else 0)
