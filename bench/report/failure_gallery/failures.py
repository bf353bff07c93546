"""Find failures: objects that were missed, joined with other objects, or split (as in Fig. 8)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bench.report.failure_gallery.seams import Seam, find_most_important_seam
from bench.report.pictures.colours import Labels, Mask
from bench.types import Instance, bounding_box, label_map

MISSED, JOINED, SPLIT = "missed", "joined", "split"
FAILURE_KINDS = (MISSED, JOINED, SPLIT)

LEAST_OBJECT_PIXELS = 100
"""Objects of fewer pixels do not count. The evaluation of Cityscapes leaves them out, too."""

_HALF_SHARE = 0.5


@dataclass(frozen=True)
class Failure:
    """One failure in one image. Classes do not matter.

    kind: ``JOINED``: one prediction covers more than half of each of several objects.
        ``SPLIT``: several predictions together cover more than half of one object, and each of them has more
        than half of its pixels in this object.
        ``MISSED``: an object is neither joined nor split, and its IoU with each prediction is below 0.5.
    pixels: the number of wrong pixels: all pixels of a missed object, or all pixels of a joined prediction or
        a split object that do not belong to the largest part.
    box: the rows and columns of the smallest box around all objects and predictions of the failure. The box
        of a missed object contains only the object.
    objects: the numbers of the objects in the annotation. predictions: the indices of the predictions among
        the instances of the image. Both are sorted by the pixels in the failure, largest first. For a missed
        object, the prediction is the one with the best IoU, if any overlaps it.
    seam: where the joined objects or the split predictions meet. None for a missed object.
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
    """All failures in one image, in any order.

    objects: (H, W), the annotation: the number of each pixel's object, 0 or below for no object. Objects of
        fewer than ``least_object_pixels`` pixels do not count.
    instances: the predictions, of the size of ``objects``. Raises ValueError for another size, or if
        instances overlap.
    """
    labels = _disjoint_label_map(image, objects, instances)
    objects = np.maximum(objects, 0)
    overlaps = _OverlapCounts(objects, labels)
    counted = np.flatnonzero(overlaps.object_pixels >= least_object_pixels)
    counted = counted[counted > 0]
    joined = _find_joined(image, objects, labels, overlaps, counted)
    split = _find_split(image, objects, labels, overlaps, counted)
    explained = {number for failure in joined + split for number in failure.objects}
    others = [number for number in counted.tolist() if number not in explained]
    return _find_missed(image, objects, overlaps, others) + joined + split


def worst_failures_of_each_kind(failures: Iterable[Failure], count: int) -> list[Failure]:
    """For each kind of failure, the ``count`` failures with the most wrong pixels.

    The kinds come in the order of ``FAILURE_KINDS``. The failures of a kind are from different images, unless
    there are too few images.
    """
    ranked = sorted(failures, key=lambda failure: (-failure.pixels, failure.image, failure.objects))
    chosen = []
    for kind in FAILURE_KINDS:
        alike = [failure for failure in ranked if failure.kind == kind]
        seen: set[str] = set()
        order: list[
            tuple[bool, int]
        ] = []  # the worst failure of each image comes before all others
        for index, failure in enumerate(alike):
            order.append((failure.image in seen, index))
            seen.add(failure.image)
        taken = sorted(order)[:count]
        chosen += [alike[index] for index in sorted(index for _, index in taken)]
    return chosen


def seam_side_masks(failure: Failure, objects: Labels, labels: Labels) -> tuple[Mask, Mask]:
    """The two sides of the seam of a failure, as masks (H, W) bool.

    objects: (H, W), the annotation. labels: (H, W), in which prediction i has the number i + 1.
    The sides of joined objects are only those of their pixels that the prediction covers.
    Raises ValueError for a missed object, which has no seam.
    """
    if failure.seam is None:
        raise ValueError(f"{failure.image}: an object that was {failure.kind} has no seam")
    one, other = failure.seam.sides
    if failure.kind == SPLIT:
        return labels == one + 1, labels == other + 1
    inside = labels == failure.predictions[0] + 1
    return inside & (objects == one), inside & (objects == other)


class _OverlapCounts:
    """The number of pixels that each of P predictions shares with each of G objects.

    common: (1 + P, 1 + G) int64. Row 0 counts the pixels in no prediction, column 0 those in no object.
    label_pixels: (1 + P,), the sums of the rows. object_pixels: (1 + G,), the sums of the columns.
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
    """A map in which the pixels of instance i are i + 1. Raises ValueError for overlaps or another size."""
    for index, instance in enumerate(instances):
        if instance.shape != objects.shape:
            raise ValueError(
                f"{image}: instance {index} has size {instance.shape}, but the annotation {objects.shape}; "
                "resize one of them"
            )
    labels = label_map(instances, objects.shape)
    if np.count_nonzero(labels) != sum(np.count_nonzero(each.cropped_mask) for each in instances):
        raise ValueError(f"{image}: instances overlap; each pixel may be in only one of them")
    return labels


def _find_joined(
    image: str,
    objects: Labels,
    labels: Labels,
    overlaps: _OverlapCounts,
    counted: npt.NDArray[np.intp],
) -> list[Failure]:
    found = []
    for label in range(1, len(overlaps.label_pixels)):
        parts = overlaps.common[label, counted]
        held = parts > _HALF_SHARE * overlaps.object_pixels[counted]
        if np.count_nonzero(held) > 1:
            numbers = _sort_by_falling_pixels(counted[held], parts[held])
            inside = np.where(labels == label, objects, 0)
            where = (labels == label) | np.isin(objects, numbers)
            pixels = int(parts[held].sum() - parts[held].max())
            seam, box = find_most_important_seam(inside, numbers), bounding_box(where)
            found.append(Failure(image, JOINED, pixels, box, numbers, (label - 1,), seam))
    return found


def _find_split(
    image: str,
    objects: Labels,
    labels: Labels,
    overlaps: _OverlapCounts,
    counted: npt.NDArray[np.intp],
) -> list[Failure]:
    found = []
    for number in counted.tolist():
        parts = overlaps.common[1:, number]
        inside = parts > _HALF_SHARE * overlaps.label_pixels[1:]
        covered = parts[inside].sum() > _HALF_SHARE * overlaps.object_pixels[number]
        if np.count_nonzero(inside) > 1 and covered:
            indices = _sort_by_falling_pixels(np.flatnonzero(inside), parts[inside])
            where = (objects == number) | np.isin(labels, np.add(indices, 1))
            pixels = int(parts[inside].sum() - parts[inside].max())
            seam, box = find_most_important_seam(labels - 1, indices), bounding_box(where)
            found.append(Failure(image, SPLIT, pixels, box, (number,), indices, seam))
    return found


def _find_missed(
    image: str, objects: Labels, overlaps: _OverlapCounts, numbers: Sequence[int]
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


def _sort_by_falling_pixels(
    names: npt.NDArray[np.intp], parts: npt.NDArray[np.int64]
) -> tuple[int, ...]:
    return tuple(names[np.argsort(-parts, kind="stable")].tolist())
