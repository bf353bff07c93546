"""Which merges made one segment: the largest ones, and the parts of the segment that they join."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from merge_impls.arrays import Int32Array, IntegerArray, StructuredArray
from merge_impls.merge_tree import smallest_vertices


@dataclass(frozen=True)
class PartMerge:
    """A merge that joins two clusters of parts.

    stage: from 1. weight: of the super-edge between the two clusters.
    clusters: the numbers of both. Cluster i is part i for i below the number of parts P, else what the
        merge i - P joined.
    pixels: how many pixels each cluster had when they merged.
    """

    stage: int
    weight: float
    clusters: tuple[int, int]
    pixels: tuple[int, int]


@dataclass(frozen=True)
class ObjectMerges:
    """The largest merges of a segment, in greedy order, and the parts that they join.

    parts: (H, W) int32, 1..P in the segment and 0 outside. A pixel that another merge has added to a
        cluster of several parts belongs to the part of the smallest vertex of this cluster.
    merges: P - 1 merges.
    all_merges: the number of all merges of the segment.
    """

    parts: Int32Array
    merges: Sequence[PartMerge]
    all_merges: int


def largest_merges(
    history: StructuredArray, labels: IntegerArray, segment: int, count: int
) -> ObjectMerges:
    """The ``count`` merges of a segment whose smaller side has most pixels; all merges if it has fewer.

    history, labels: of a result whose vertices are pixels. segment: a label, from 1.
    """
    own = history[labels.ravel()[history["a"]] == segment]
    pixels = _pixels_on_each_side(own)
    rows = np.sort(np.argsort(-pixels.min(axis=1), kind="stable")[:count])
    others = np.delete(own, rows)
    names = np.where(labels == segment, smallest_vertices(others, labels), -1)
    found, parts = np.unique(names, return_inverse=True)
    part_of = dict(zip(found[found >= 0].tolist(), range(len(found)), strict=False))
    merges = _merges_of_parts(own[rows], pixels[rows], names.ravel(), part_of)
    numbers = parts.reshape(labels.shape) + int(found[0] >= 0)
    return ObjectMerges(numbers.astype(np.int32), merges, len(own))


def _pixels_on_each_side(history: StructuredArray) -> IntegerArray:
    """(M, 2) int64: the pixels of both super-vertices of each merge of a segment."""
    size: dict[int, int] = {}
    sides = np.empty((len(history), 2), np.int64)
    for row, (a, b) in enumerate(zip(history["a"].tolist(), history["b"].tolist(), strict=True)):
        sides[row] = size.get(a, 1), size.get(b, 1)
        size[a] = int(sides[row].sum())
    return sides


def _merges_of_parts(
    history: StructuredArray, pixels: IntegerArray, names: IntegerArray, part_of: dict[int, int]
) -> list[PartMerge]:
    """The merges in ``history`` as merges of clusters of parts.

    names: (vertices,), the name of the part of each vertex. part_of: the number of each part by its name.
    """
    cluster, members = [*range(len(part_of))], {part: [part] for part in part_of.values()}
    merges = []
    for (stage, a, b, weight), sides in zip(history.tolist(), pixels.tolist(), strict=True):
        one, other = (cluster[part_of[int(names[vertex])]] for vertex in (a, b))
        merges.append(PartMerge(stage + 1, weight, (one, other), (sides[0], sides[1])))
        joined = len(part_of) + len(merges) - 1
        members[joined] = members[one] + members[other]
        for part in members[joined]:
            cluster[part] = joined
    return merges
