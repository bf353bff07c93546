"""Measures how similar two segmentations are, such as an approximate result and the exact one."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from merge_impls.arrays import AnyArray, Int64Array


@dataclass(frozen=True)
class LabelAgreement:
    """How similar a segmentation is to a reference segmentation.

    Vertices without a segment (label 0) in either segmentation are left out, except where
    ``pair_f_score`` is concerned. Without vertices, the segmentations agree.

    Attributes:
        adjusted_rand: the adjusted Rand index (Hubert and Arabie, 1985): 1 for equal segmentations,
            0 on average for unrelated ones. It may be negative.
        split_bits: the part of the variation of information (Meila, 2007) that is caused by segments
            of the reference that are split: the conditional entropy of the labels, given the
            reference, in bits. 0 if no segment of the reference is split.
        merge_bits: the other part, caused by segments of the reference that are merged: the
            conditional entropy of the reference, given the labels, in bits.
        pair_f_score: see ``pair_f_score``.
    """

    adjusted_rand: float
    split_bits: float
    merge_bits: float
    pair_f_score: float

    @classmethod
    def between(cls, labels: AnyArray, reference: AnyArray) -> "LabelAgreement":
        """Compare two non-negative integer arrays of the same shape, 0 for no segment.

        Raises ValueError if the shapes differ.
        """
        if labels.shape != reference.shape:
            raise ValueError(
                f"labels have shape {labels.shape}, the reference {reference.shape}; give the same shape"
            )
        here, there = labels.ravel(), reference.ravel()
        both = (here != 0) & (there != 0)
        overlaps = _Overlaps.between(here[both], there[both])
        return cls(
            overlaps.adjusted_rand(),
            overlaps.conditional_entropy(overlaps.of_second),
            overlaps.conditional_entropy(overlaps.of_first),
            _pair_f_score(overlaps, here, there),
        )

    def __str__(self) -> str:
        """The agreement in words, with three decimals."""
        return (
            f"adjusted Rand {self.adjusted_rand:.3f}, variation of information "
            f"{self.split_bits:.3f} split + {self.merge_bits:.3f} merge"
        )


def join_labels(graphs: Iterable[AnyArray]) -> Int64Array:
    """The labels of several graphs as those of one graph, (vertices,) int64: no two share a segment."""
    joined, highest = [np.empty(0, np.int64)], 0
    for labels in graphs:
        flat = labels.ravel().astype(np.int64)
        joined.append(np.where(flat > 0, flat + highest, 0))
        highest += int(flat.max(initial=0))
    return np.concatenate(joined)


def pair_f_score(labels: AnyArray, others: AnyArray) -> float:
    """The F-score of the pixel pairs that lie in the same segment in both segmentations.

    It is 1 for equal segmentations, and near 0 if no segments agree. It equals 1 minus the adapted
    Rand error that is used in connectomics. A pixel and itself also count as a pair. If neither
    segmentation has a segment, the score is 1.

    labels, others: non-negative integer arrays of the same shape, 0 for no segment.
    """
    here, there = labels.ravel(), others.ravel()
    both = (here != 0) & (there != 0)
    return _pair_f_score(_Overlaps.between(here[both], there[both]), here, there)


def _pair_f_score(overlaps: "_Overlaps", here: AnyArray, there: AnyArray) -> float:
    """The F-score from the intersections of two flat segmentations."""
    common = _sum_of_squares(overlaps.sizes)
    total = sum(_sum_of_squares(_sizes(each[each != 0])) for each in (here, there))
    return 2 * common / total if total else 1.0


@dataclass(frozen=True)
class _Overlaps:
    """The non-empty intersections of the segments of two segmentations of the same vertices.

    sizes: (N,) int64, the number of vertices of each intersection. first_sizes, second_sizes: the sizes of
        all segments. of_first, of_second: (N,) int64, the size of the segment that has the intersection.
    """

    sizes: Int64Array
    first_sizes: Int64Array
    second_sizes: Int64Array
    of_first: Int64Array
    of_second: Int64Array

    @classmethod
    def between(cls, first: AnyArray, second: AnyArray) -> "_Overlaps":
        names, where, first_sizes = np.unique(first, return_inverse=True, return_counts=True)
        _, at, second_sizes = np.unique(second, return_inverse=True, return_counts=True)
        pairs, sizes = np.unique(at * len(names) + where, return_counts=True)
        of_first = first_sizes[pairs % max(len(names), 1)]
        of_second = second_sizes[pairs // max(len(names), 1)]
        return cls(sizes, first_sizes, second_sizes, of_first, of_second)

    def adjusted_rand(self) -> float:
        """The adjusted Rand index; 1 if it is undefined, because all pairs are alike."""
        count = int(self.sizes.sum())
        common, first, second = (
            _sum_of_squares(sizes) - count
            for sizes in (self.sizes, self.first_sizes, self.second_sizes)
        )
        expected = first * second / (count * (count - 1)) if count > 1 else 0.0
        largest = (first + second) / 2
        return (common - expected) / (largest - expected) if largest != expected else 1.0

    def conditional_entropy(self, given: Int64Array) -> float:
        """The entropy of the intersections in bits, given the segments of sizes ``given``."""
        shares = self.sizes / max(int(self.sizes.sum()), 1)
        return float((shares * np.log2(given / self.sizes)).sum())


def _sizes(labels: AnyArray) -> Int64Array:
    return np.unique(labels, return_counts=True)[1].astype(np.int64)


def _sum_of_squares(sizes: Int64Array) -> int:
    return int((sizes**2).sum())
