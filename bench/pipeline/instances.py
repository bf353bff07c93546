"""Turns segments into objects: which are large enough, their class and their score (3.1 and 3.4)."""

from collections.abc import Sequence

import numpy as np

from bench.pipeline.config import PipelineConfig
from bench.pipeline.graph import RegionResult
from bench.pipeline.resizing import resize_nearest
from bench.types import Instance, Size
from merge_impls.arrays import BoolArray, Float32Array, Float64Array, Int32Array, Int64Array
from merge_impls.offsets import pair_slices

MIN_VOTE_SHARE = 0.2
"""With several classes for each object, a class needs at least this share of the votes of the top class."""


def region_instances(
    result: RegionResult, config: PipelineConfig, class_names: Sequence[str], size: Size
) -> list[Instance]:
    """The objects of a merged region, whose masks have the size of the image.

    Maps of an enlarged region are first resized back, by nearest neighbour, because r_c, the size that
    objects must exceed, counts pixels of the image.

    size: (height, width) of the image.
    """
    prediction, scores = result.prediction, result.merge.confidences
    labels = pixel_labels(result)
    if config.score == "affinity":
        affinity = prediction.affinity[config.graph_channels]
        scores = mean_affinities_inside_segments(
            labels, affinity, config.graph_offsets, len(scores)
        )
    found = instances_from_segments(
        resize_nearest(labels, prediction.original_size),
        scores,
        resize_nearest(prediction.semantic, prediction.original_size),
        class_names,
        config.min_object_pixels,
        config.labels == "several",
    )
    return [place_in_image(instance, result.region.box.slices, size) for instance in found]


def pixel_labels(result: RegionResult) -> Int32Array:
    """(H, W) int32: the segment of each pixel of a merged region, 1..N; 0 outside the mask of its graph."""
    graph, labels = result.graph, result.merge.labels
    return (
        labels
        if graph.blocks is None
        else block_labels_to_pixels(labels, graph.block_size, graph.mask)
    )


def block_labels_to_pixels(labels: Int32Array, block_size: int, mask: BoolArray) -> Int32Array:
    """Give each pixel the label of its block: (H, W) int32, 0 outside ``mask`` (H, W) bool.

    labels: (rows * columns,) or (rows, columns) int32, the result of merging a ``BlockGraph``. Blocks outside
        the mask also have labels, which do not occur in the returned array.
    """
    rows, columns = (-(-side // block_size) for side in mask.shape)
    if labels.size != rows * columns:
        raise ValueError(
            f"labels has {labels.size} values; a mask {mask.shape} has {rows}x{columns} blocks of "
            f"{block_size}x{block_size} pixels"
        )
    whole = labels.reshape(rows, columns).repeat(block_size, axis=0).repeat(block_size, axis=1)
    return np.where(mask, whole[: mask.shape[0], : mask.shape[1]], 0).astype(np.int32, copy=False)


def instances_from_segments(
    labels: Int32Array,
    confidences: Float64Array,
    semantic: Float32Array,
    class_names: Sequence[str],
    min_object_pixels: int,
    several_classes: bool = False,
) -> list[Instance]:
    """The segments with more than ``min_object_pixels`` pixels (the paper's r_c) as objects.

    The pixels of a segment vote for its class. A pixel votes for its most likely class other than background,
    but does not vote if background is at least as likely as all classes together. The class with most votes
    wins; of equal ones the first. A segment without votes is dropped.

    labels: (H, W) int32: 1..N segments, 0 pixels outside all segments.
    confidences: (N,) float64, the score of each segment.
    semantic: (1 + C, H, W) class probabilities, background first.
    several_classes: instead return an object for each class with at least ``MIN_VOTE_SHARE`` times the most
        votes. Its score is multiplied by the class's share of all votes. The authors' program does this; the
        paper does not mention it.
    """
    pixels = np.bincount(labels.ravel(), minlength=len(confidences) + 1)[1:]
    votes = _class_votes(labels, len(confidences), semantic)
    found = []
    for segment in np.flatnonzero((pixels > min_object_pixels) & votes.any(axis=1)).tolist():
        mask, own = labels == segment + 1, votes[segment]
        score = float(confidences[segment])
        if not several_classes:
            found.append(Instance(mask, class_names[int(own.argmax())], score))
            continue
        for number in np.flatnonzero(own >= MIN_VOTE_SHARE * own.max()).tolist():
            share = float(own[number] / own.sum())
            found.append(Instance(mask, class_names[number], score * share))
    return found


def _class_votes(labels: Int32Array, segments: int, semantic: Float32Array) -> Int64Array:
    """(N, C) int64: how many pixels of each of N ``segments`` vote for each class."""
    classes = len(semantic) - 1
    voting = (labels > 0) & (semantic[0] < semantic[1:].sum(axis=0))
    ballots = (labels[voting] - 1) * classes + semantic[1:, voting].argmax(axis=0)
    return np.bincount(ballots, minlength=segments * classes).reshape(segments, classes)


def mean_affinities_inside_segments(
    labels: Int32Array, affinity: Float32Array, offsets: Sequence[tuple[int, int]], segments: int
) -> Float64Array:
    """(N,) float64: the mean affinity of all pixel pairs inside each segment; 0 for a segment without pairs.

    labels: (H, W) int32: 1..N segments, 0 pixels outside all segments.
    affinity: (K, H, W) float32, value [k, p] of the pair (p, p + offsets[k]).
    segments: N.
    """
    totals, counts = np.zeros(segments + 1), np.zeros(segments + 1)
    for channel, offset in enumerate(np.asarray(offsets)):
        here, there = pair_slices(labels.shape, offset)
        inner = np.where(labels[here] == labels[there], labels[here], 0).ravel()
        counts += np.bincount(inner, minlength=segments + 1)
        totals += np.bincount(inner, affinity[channel][here].ravel(), minlength=segments + 1)
    return totals[1:] / np.maximum(counts[1:], 1)


def place_in_image(instance: Instance, box: tuple[slice, slice], size: Size) -> Instance:
    """Convert an object whose mask covers a region to one whose mask covers the image.

    box: rows and columns of the region in the image. size: (height, width) of the image.
    """
    mask = np.zeros(size, dtype=bool)
    mask[box] = instance.mask
    return Instance(mask, instance.class_name, instance.confidence)
