"""From segments to objects: which are kept, of which class, how sure (sections 3.1 and 3.4)."""

from collections.abc import Sequence

import numpy as np

from bench.types import Instance
from merge_impls.offsets import end_slices

LEAST_SHARE = 0.2
"""Of the votes of the class with most: classes with fewer are none of the several labels of an object."""


def instances_from_segments(
    labels: np.ndarray,
    confidences: np.ndarray,
    semantic: np.ndarray,
    class_names: Sequence[str],
    min_object_pixels: int,
    several: bool = False,
) -> list[Instance]:
    """Keep segments of more than ``min_object_pixels`` pixels (r_c of the paper); their pixels vote a class.

    labels: (H, W) int32, 0 outside, 1..N segments; confidences: (N,) float64, the scores.
    semantic: (1 + C, H, W) probabilities, background first: a pixel votes for its likeliest class other
    than background, if it is not likelier background than all those together; of classes with equal votes
    the first wins. A segment without votes is no object.
    several: an object is given once for each class with at least ``LEAST_SHARE`` of the most votes, its
    score times the class's share of all votes (not in the paper, but in the authors' program).
    """
    pixels = np.bincount(labels.ravel(), minlength=len(confidences) + 1)[1:]
    voting = (labels > 0) & (semantic[0] < semantic[1:].sum(axis=0))
    ballots = (labels[voting] - 1) * len(class_names) + semantic[1:, voting].argmax(axis=0)
    votes = np.bincount(ballots, minlength=len(confidences) * len(class_names))
    votes = votes.reshape(len(confidences), len(class_names))
    found = []
    for segment in np.flatnonzero((pixels > min_object_pixels) & votes.any(axis=1)):
        mask, most = labels == segment + 1, votes[segment].max()
        if not several:
            name = class_names[votes[segment].argmax()]
            found.append(Instance(mask, name, float(confidences[segment])))
            continue
        for kind in np.flatnonzero(votes[segment] >= LEAST_SHARE * most):
            share = votes[segment, kind] / votes[segment].sum()
            found.append(Instance(mask, class_names[kind], float(confidences[segment] * share)))
    return found


def mean_affinities_inside(
    labels: np.ndarray, affinity: np.ndarray, offsets: Sequence[tuple[int, int]], segments: int
) -> np.ndarray:
    """(N,) float64: of each segment 1..N the mean affinity of all pixel pairs with both ends in it, 0 where
    there is none. The affinities are the networks' own, not refined: another score than the confidence.

    labels: (H, W) int32; affinity: (K, H, W) float32, value [k, p] of the pair (p, p + offsets[k]).
    """
    totals, counts = np.zeros(segments + 1), np.zeros(segments + 1)
    for channel, offset in enumerate(np.asarray(offsets)):
        here, there = end_slices(labels.shape, offset)
        inner = np.where(labels[here] == labels[there], labels[here], 0).ravel()
        counts += np.bincount(inner, minlength=segments + 1)
        totals += np.bincount(inner, affinity[channel][here].ravel(), minlength=segments + 1)
    return totals[1:] / np.maximum(counts[1:], 1)


def placed(instance: Instance, box: tuple[slice, slice], size: tuple[int, int]) -> Instance:
    """An object of a region, in the image of ``size`` (height, width) where the region is ``box``."""
    mask = np.zeros(size, dtype=bool)
    mask[box] = instance.mask
    return Instance(mask, instance.class_name, instance.score)
