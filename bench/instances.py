"""From segments to objects: which are kept, of which class, how sure (sections 3.1 and 3.4)."""

from collections.abc import Sequence

import numpy as np

from bench.types import Instance


def instances_from_segments(
    labels: np.ndarray,
    confidences: np.ndarray,
    semantic: np.ndarray,
    class_names: Sequence[str],
    min_pixels: int,
) -> list[Instance]:
    """Keep segments of more than ``min_pixels`` pixels (the paper's r_c); let their pixels vote a class.

    labels: (H, W) int32, 0 outside, 1..N segments; confidences: (N,) float64, the scores.
    semantic: (1 + C, H, W) probabilities, background first: a pixel votes for its likeliest class other
    than background; of classes with equal votes the first wins.
    """
    inside = labels > 0
    votes_of_pixels = semantic[1:].argmax(axis=0)[inside]
    segments = labels[inside] - 1
    ballots = segments * len(class_names) + votes_of_pixels
    votes = np.bincount(ballots, minlength=len(confidences) * len(class_names))
    votes = votes.reshape(len(confidences), len(class_names))
    kept = np.flatnonzero(votes.sum(axis=1) > min_pixels)
    return [
        Instance(
            labels == segment + 1, class_names[votes[segment].argmax()], float(confidences[segment])
        )
        for segment in kept
    ]
