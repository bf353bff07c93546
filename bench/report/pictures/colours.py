"""Colours of classes and instances. A prediction can get the colour of the object that it covers."""

import colorsys
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy import ndimage

Picture = npt.NDArray[np.uint8]
"""(H, W, 3) RGB."""

Labels = npt.NDArray[np.integer]
"""(H, W), the number of the instance or class of each pixel, 0 for none."""

Mask = npt.NDArray[np.bool_]
"""(H, W)."""

Colour = tuple[int, int, int]
"""RGB."""

_CLASS_COLOURS: tuple[Colour, ...] = (
    (225, 20, 40),  # red
    (255, 130, 0),  # orange
    (40, 110, 255),  # blue
    (0, 200, 210),  # turquoise
    (255, 235, 60),  # yellow
    (150, 60, 200),  # purple
    (50, 170, 60),  # green
    (250, 150, 200),  # pink
    (150, 85, 35),  # brown
    (170, 255, 150),  # light green
)
"""Colours that are easy to distinguish. Those of Cityscapes are not: all vehicles are dark blue."""

_GOLDEN_RATIO = 0.6180339887498949
_SHADES = [(0.85, 1.0), (0.60, 1.0), (0.95, 0.80)]
"""Saturation and value for successive instances in turn, so that similar hues differ in their shades."""


def class_colours(class_names: Sequence[str]) -> dict[str, Colour]:
    """The colour of each class in pictures, by the name of the class."""
    count = len(class_names)
    spread = [_hsv_to_rgb(index / count, 1.0, 1.0 - 0.4 * (index % 2)) for index in range(count)]
    colours = _CLASS_COLOURS if count <= len(_CLASS_COLOURS) else spread
    return dict(zip(class_names, colours, strict=False))


def instance_colour(number: int) -> Colour:
    """The colour of the instance ``number``. Colours of successive numbers differ much."""
    saturation, value = _SHADES[number % len(_SHADES)]
    return _hsv_to_rgb(number * _GOLDEN_RATIO % 1, saturation, value)


def _hsv_to_rgb(hue: float, saturation: float, value: float) -> Colour:
    red, green, blue = colorsys.hsv_to_rgb(hue, saturation, value)
    return round(255 * red), round(255 * green), round(255 * blue)


def colour_instances(instances: Labels) -> Picture:
    """A picture of each instance in its colour; pixels in no instance are black."""
    table = np.zeros((int(instances.max(initial=0)) + 1, 3), dtype=np.uint8)
    for number in range(1, len(table)):
        table[number] = instance_colour(number)
    picture: Picture = table[instances]
    return picture


def renumber_like_ground_truth(instances: Labels, ground_truth: Labels) -> npt.NDArray[np.int64]:
    """Renumber predicted ``instances`` so that each has the number of the object that it covers best.

    Predictions and objects are paired greedily, by falling intersection over union. Predictions that get no
    object have numbers above those of all objects.
    """
    numbers = np.zeros(int(instances.max(initial=0)) + 1, dtype=np.int64)
    taken = set()
    for _, prediction, truth in sorted(
        _ious_of_overlapping_pairs(instances, ground_truth), reverse=True
    ):
        if numbers[prediction] == 0 and truth not in taken:
            numbers[prediction] = truth
            taken.add(truth)
    present = np.unique(instances[instances > 0])
    left_over = present[numbers[present] == 0]
    numbers[left_over] = int(ground_truth.max(initial=0)) + 1 + np.arange(len(left_over))
    renumbered: npt.NDArray[np.int64] = numbers[instances]
    return renumbered


def boundaries(labels: Labels) -> Mask:
    """A mask of the pixels whose 2 x 2 window (with the pixels above and to the left) has several labels."""
    lowest = ndimage.minimum_filter(labels, size=(2, 2))
    highest = ndimage.maximum_filter(labels, size=(2, 2))
    is_boundary: Mask = lowest != highest
    return is_boundary


def _ious_of_overlapping_pairs(
    instances: Labels, ground_truth: Labels
) -> list[tuple[float, int, int]]:
    """(intersection over union, prediction, object) of all predictions and objects that overlap."""
    sizes, true_sizes = np.bincount(instances.ravel()), np.bincount(ground_truth.ravel())
    both = (instances > 0) & (ground_truth > 0)
    pairs = np.stack([instances[both], ground_truth[both]])
    pairs, common = np.unique(pairs, axis=1, return_counts=True)
    return [
        (count / (sizes[prediction] + true_sizes[truth] - count), int(prediction), int(truth))
        for (prediction, truth), count in zip(pairs.T, common, strict=True)
    ]
