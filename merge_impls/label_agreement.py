"""Measures how similar two segmentations are, such as an approximate result and the exact one."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from merge_impls.arrays import AnyArray, Float64Array, Int64Array


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
        joint, own, other = _segment_sizes(here[both], there[both])
        split, merge = _entropy(joint) - _entropy(other), _entropy(joint) - _entropy(own)
        # Rounding can make an entropy that is 0 slightly negative.
        return cls(
            _adjusted_rand(joint, own, other),
            max(split, 0.0),
            max(merge, 0.0),
            pair_f_score(labels, reference),
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
    common = _sum_of_squares(_segment_sizes(here[both], there[both])[0])
    total = sum(_sum_of_squares(_sizes(each[each != 0])) for each in (here, there))
    return 2 * common / total if total else 1.0


def _segment_sizes(here: AnyArray, there: AnyArray) -> tuple[Int64Array, Int64Array, Int64Array]:
    """The sizes of all non-empty intersections, of the segments of ``here``, and of those of ``there``."""
    second = there.astype(np.int64)
    joint = here.astype(np.int64) * (int(second.max(initial=0)) + 1) + second
    return _sizes(joint), _sizes(here), _sizes(there)


def _sizes(labels: AnyArray) -> Int64Array:
    return np.unique(labels, return_counts=True)[1].astype(np.int64)


def _sum_of_squares(sizes: Int64Array) -> int:
    return int((sizes**2).sum())


def _adjusted_rand(joint: Int64Array, own: Int64Array, other: Int64Array) -> float:
    """The adjusted Rand index from the sizes of intersections and of segments."""
    count = int(own.sum())
    common, first, second = (_sum_of_squares(sizes) - count for sizes in (joint, own, other))
    expected = first * second / (count * (count - 1)) if count > 1 else 0.0
    largest = (first + second) / 2
    return (common - expected) / (largest - expected) if largest != expected else 1.0


def _entropy(sizes: Int64Array) -> float:
    """The entropy of a segmentation, in bits, from the sizes of its segments."""
    shares: Float64Array = sizes / max(int(sizes.sum()), 1)
    return float(-(shares * np.log2(shares)).sum())
