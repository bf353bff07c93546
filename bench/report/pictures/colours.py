"""Colours of instances: far apart, stable, the same for a prediction and the object it found."""

import colorsys

import numpy as np
from scipy import ndimage

_GOLDEN_RATIO = 0.6180339887498949
_SHADES = [(0.85, 1.0), (0.60, 1.0), (0.95, 0.80)]
"""Saturation and value, taken in turn: where hues come close, the shades differ."""


def instance_colour(number: int) -> tuple[int, int, int]:
    """RGB of instance ``number``, always the same; those of successive numbers are far apart."""
    saturation, value = _SHADES[number % len(_SHADES)]
    red, green, blue = colorsys.hsv_to_rgb(number * _GOLDEN_RATIO % 1, saturation, value)
    return round(255 * red), round(255 * green), round(255 * blue)


def colour_instances(instances: np.ndarray) -> np.ndarray:
    """(H, W) int labels, 0 for none -> (H, W, 3) uint8, black where there is none."""
    table = np.zeros((int(instances.max(initial=0)) + 1, 3), dtype=np.uint8)
    for number in range(1, len(table)):
        table[number] = instance_colour(number)
    return table[instances]


def like_ground_truth(instances: np.ndarray, ground_truth: np.ndarray) -> np.ndarray:
    """Renumber predicted ``instances``: each gets the number of the object that it covers best.

    Both (H, W) int, 0 for none. Pairs are taken by falling intersection over union, an object and a
    prediction once each; predictions that are left over get numbers above the ground truth's.
    Returns (H, W) int64.
    """
    numbers = np.zeros(int(instances.max(initial=0)) + 1, dtype=np.int64)
    taken = set()
    for _, prediction, truth in sorted(_overlaps(instances, ground_truth), reverse=True):
        if numbers[prediction] == 0 and truth not in taken:
            numbers[prediction] = truth
            taken.add(truth)
    present = np.unique(instances[instances > 0])
    left_over = present[numbers[present] == 0]
    numbers[left_over] = int(ground_truth.max(initial=0)) + 1 + np.arange(len(left_over))
    return numbers[instances]


def boundaries(labels: np.ndarray) -> np.ndarray:
    """(H, W) bool: where a label differs from the one above, to the left, or above to the left."""
    lowest = ndimage.minimum_filter(labels, size=(2, 2))
    highest = ndimage.maximum_filter(labels, size=(2, 2))
    return lowest != highest


def _overlaps(instances: np.ndarray, ground_truth: np.ndarray) -> list[tuple[float, int, int]]:
    """Intersection over union of every prediction with every object that it touches."""
    sizes, true_sizes = np.bincount(instances.ravel()), np.bincount(ground_truth.ravel())
    both = (instances > 0) & (ground_truth > 0)
    pairs = np.stack([instances[both], ground_truth[both]])
    pairs, common = np.unique(pairs, axis=1, return_counts=True)
    return [
        (count / (sizes[prediction] + true_sizes[truth] - count), int(prediction), int(truth))
        for (prediction, truth), count in zip(pairs.T, common, strict=True)
    ]
