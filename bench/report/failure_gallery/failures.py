"""Finds failures: objects that are missed, joined with others, or split (the paper's Fig. 8)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bench.report.failure_gallery.seams import Seam, find_seam
from bench.report.pictures.colours import Labels, Mask
from bench.types import Instance, bounding_box, label_map

MISSED, JOINED, SPLIT = "missed", "joined", "split"
FAILURE_KINDS = (MISSED, JOINED, SPLIT)

LEAST_OBJECT_PIXELS = 100
"""Objects of fewer pixels do not count: Cityscapes' evaluation leaves them out as well."""

_HALF_SHARE = 0.5


@dataclass(frozen=True)
class Failure:
    """One failure in one image.

    kind: ``JOINED``: a prediction covers more than half of two or more objects. ``SPLIT``: two or more
        predictions, each with more than half of its pixels in an object, cover more than half of the object.
        ``MISSED``: the best IoU of an object with any prediction is below 0.5, and it was neither joined nor
        split. Classes do not matter.
    pixels: the number of wrong pixels: all of a missed object, otherwise all parts but the largest.
    box: rows and columns of the smallest box around all objects and predictions of the failure; of a missed
        object its own.
    objects: numbers in the annotation; predictions: indices into the image's instances. Both are sorted by
        the size of their part, largest first. A missed object has the prediction of best IoU, if any.
    seam: where the two sides of what was joined (objects) or split (predictions) meet; None if missed.
    """

    image: str
    kind: str
    pixels: int
    box: tuple[slice, slice]
    objects: tuple[int, ...]
    predictions: tuple[int, ...]
    seam: Seam | None = None


def find_failures(
    image: str,
    objects: Labels,
    instances: Sequence[Instance],
    least_object_pixels: int = LEAST_OBJECT_PIXELS,
) -> list[Failure]:
    """All failures in one image, in no particular order.

    objects: (H, W), the annotation: 1..n, 0 or below where there is none. Objects of fewer than
        ``least_object_pixels`` pixels do not count.
    instances: as large as ``objects`` and disjoint, as a merge gives them.
    Raises ValueError, naming the image, for instances of another size and for those that overlap.
    """
    labels = _disjoint_label_map(image, objects, instances)
    objects = np.maximum(objects, 0)
    overlaps = _Overlaps(objects, labels)
    counted = np.flatnonzero(overlaps.object_pixels >= least_object_pixels)
    counted = counted[counted > 0]
    joined = _find_joined(image, objects, labels, overlaps, counted)
    split = _find_split(image, objects, labels, overlaps, counted)
    explained = {number for failure in joined + split for number in failure.objects}
    others = [number for number in counted.tolist() if number not in explained]
    return _find_missed(image, objects, overlaps, others) + joined + split


def worst_failures(failures: Iterable[Failure], count: int) -> list[Failure]:
    """Of each kind the ``count`` with the most pixels, kind after kind in the order of ``FAILURE_KINDS``.

    At most one of each kind comes from one image, unless there are too few images.
    """
    ranked = sorted(failures, key=lambda failure: (-failure.pixels, failure.image, failure.objects))
    chosen = []
    for kind in FAILURE_KINDS:
        alike = [failure for failure in ranked if failure.kind == kind]
        seen: set[str] = set()
        order: list[tuple[bool, int]] = []  # the worst of each image before the rest
        for index, failure in enumerate(alike):
            order.append((failure.image in seen, index))
            seen.add(failure.image)
        taken = sorted(order)[:count]
        chosen += [alike[index] for index in sorted(index for _, index in taken)]
    return chosen


def seam_sides(failure: Failure, objects: Labels, labels: Labels) -> tuple[Mask, Mask]:
    """The two sides of a failure's seam, as masks (H, W) bool.

    objects, labels: the maps (H, W) in which it was found; ``labels`` has prediction i as i + 1. The sides of
    joined objects are only their pixels in the prediction, as no others were merged.
    Raises ValueError for a missed object, which has no sides.
    """
    if failure.seam is None:
        raise ValueError(f"{failure.image}: an object was {failure.kind}: there is no seam")
    one, other = failure.seam.sides
    if failure.kind == SPLIT:
        return labels == one + 1, labels == other + 1
    inside = labels == failure.predictions[0] + 1
    return inside & (objects == one), inside & (objects == other)


class _Overlaps:
    """How many pixels every prediction shares with every object.

    common: (1 + P, 1 + G) int64, with the pixels of no prediction in row 0 and of no object in column 0;
    label_pixels: (1 + P,), object_pixels: (1 + G,), the sums.
    """

    def __init__(self, objects: Labels, labels: Labels) -> None:
        rows, columns = int(labels.max(initial=0)) + 1, int(objects.max(initial=0)) + 1
        pairs = labels.astype(np.int64) * columns + objects
        self.common = np.bincount(pairs.ravel(), minlength=rows * columns).reshape(rows, columns)
        self.label_pixels = self.common.sum(axis=1)
        self.object_pixels = self.common.sum(axis=0)


def _disjoint_label_map(
    image: str, objects: Labels, instances: Sequence[Instance]
) -> npt.NDArray[np.int32]:
    """The label map of ``instances``; raises ValueError if they overlap or differ in size."""
    for index, instance in enumerate(instances):
        if instance.shape != objects.shape:
            raise ValueError(
                f"{image}: instance {index} has size {instance.shape}, the annotation {objects.shape}; "
                "look at both at one size"
            )
    labels = label_map(instances, objects.shape)
    if np.count_nonzero(labels) != sum(np.count_nonzero(each.cropped_mask) for each in instances):
        raise ValueError(f"{image}: instances overlap; a pixel may be in one of them only")
    return labels


def _find_joined(
    image: str, objects: Labels, labels: Labels, overlaps: _Overlaps, counted: npt.NDArray[np.intp]
) -> list[Failure]:
    found = []
    for label in range(1, len(overlaps.label_pixels)):
        parts = overlaps.common[label, counted]
        held = parts > _HALF_SHARE * overlaps.object_pixels[counted]
        if np.count_nonzero(held) > 1:
            numbers = _largest_first(counted[held], parts[held])
            inside = np.where(labels == label, objects, 0)
            where = (labels == label) | np.isin(objects, numbers)
            pixels = int(parts[held].sum() - parts[held].max())
            seam, box = find_seam(inside, numbers), bounding_box(where)
            found.append(Failure(image, JOINED, pixels, box, numbers, (label - 1,), seam))
    return found


def _find_split(
    image: str, objects: Labels, labels: Labels, overlaps: _Overlaps, counted: npt.NDArray[np.intp]
) -> list[Failure]:
    found = []
    for number in counted.tolist():
        parts = overlaps.common[1:, number]
        inside = parts > _HALF_SHARE * overlaps.label_pixels[1:]
        covered = parts[inside].sum() > _HALF_SHARE * overlaps.object_pixels[number]
        if np.count_nonzero(inside) > 1 and covered:
            indices = _largest_first(np.flatnonzero(inside), parts[inside])
            where = (objects == number) | np.isin(labels, np.add(indices, 1))
            pixels = int(parts[inside].sum() - parts[inside].max())
            seam, box = find_seam(labels - 1, indices), bounding_box(where)
            found.append(Failure(image, SPLIT, pixels, box, (number,), indices, seam))
    return found


def _find_missed(
    image: str, objects: Labels, overlaps: _Overlaps, numbers: Sequence[int]
) -> list[Failure]:
    found = []
    for number in numbers:
        common, pixels = overlaps.common[1:, number], overlaps.object_pixels[number]
        ious = common / (overlaps.label_pixels[1:] + pixels - common)
        if ious.max(initial=0) < _HALF_SHARE:
            best = (int(ious.argmax()),) if common.any() else ()
            box = bounding_box(objects == number)
            found.append(Failure(image, MISSED, int(pixels), box, (number,), best))
    return found


def _largest_first(names: npt.NDArray[np.intp], parts: npt.NDArray[np.int64]) -> tuple[int, ...]:
    return tuple(names[np.argsort(-parts, kind="stable")].tolist())
