"""The worst failures among many images: objects missed, joined with others, or split (the paper's Fig. 8)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from bench.report.failures.seams import Seam, find_seam
from bench.types import Instance, bounding_box, label_map

MISSED, JOINED, SPLIT = "missed", "joined", "split"
KINDS = (MISSED, JOINED, SPLIT)

SMALLEST = 100
"""Objects of fewer pixels do not count: Cityscapes' evaluation leaves them out, too."""

_HALF = 0.5


@dataclass(frozen=True)
class Failure:
    """One failure in one image.

    kind: ``MISSED``, an object whose best IoU with any prediction is below 0.5, and which is in no failure
        of another kind; ``JOINED``, a prediction that covers more than half of two or more objects;
        ``SPLIT``, an object more than half of which is covered by two or more predictions that lie in it
        by more than half. Classes do not matter.
    pixels: how many went wrong: all of a missed object, else all but those of the largest part.
    box: rows and columns of the smallest box that holds all objects and predictions involved; of a missed
        object its own.
    objects: numbers in the annotated map; predictions: indices into the image's instances. Where there are
        several, the one with the largest part first. A missed object has the prediction of best IoU, if any.
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
    image: str, objects: np.ndarray, instances: Sequence[Instance], smallest: int = SMALLEST
) -> list[Failure]:
    """All failures in one image, in no particular order.

    objects: (H, W) int, the annotation: 1..n, 0 or below where there is none. Those of fewer than
        ``smallest`` pixels do not count.
    instances: what was found, as large as ``objects`` and disjoint, as a merge gives them.
    Raises ValueError, naming the image, for instances of another size and for those that overlap.
    """
    labels = _disjoint(image, objects, instances)
    objects = np.maximum(objects, 0)
    overlaps = _Overlaps(objects, labels)
    counted = np.flatnonzero(overlaps.object_pixels >= smallest)
    counted = counted[counted > 0]
    joined = _find_joined(image, objects, labels, overlaps, counted)
    split = _find_split(image, objects, labels, overlaps, counted)
    explained = {number for failure in joined + split for number in failure.objects}
    alone = [number for number in counted.tolist() if number not in explained]
    return _find_missed(image, objects, overlaps, alone) + joined + split


def worst_failures(failures: Iterable[Failure], count: int) -> list[Failure]:
    """Of each kind the ``count`` with the most pixels, kind after kind in the order of ``KINDS``.

    At most one of each kind comes from one image, unless there are too few images.
    """
    ranked = sorted(failures, key=lambda failure: (-failure.pixels, failure.image, failure.objects))
    chosen = []
    for kind in KINDS:
        alike = [failure for failure in ranked if failure.kind == kind]
        seen: set[str] = set()
        turns = []  # first each image's worst, then the rest
        for failure in alike:
            turns.append((failure.image in seen, len(turns)))
            seen.add(failure.image)
        taken = sorted(turns)[:count]
        chosen += [alike[place] for place in sorted(place for _, place in taken)]
    return chosen


def sides_of(
    failure: Failure, objects: np.ndarray, labels: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The two sides of a failure's seam, as masks (H, W) bool.

    objects, labels: the maps (H, W) in which it was found; ``labels`` has prediction i as i + 1. Of what was
    joined they are the two objects' pixels in the prediction: no others were merged.
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

    def __init__(self, objects: np.ndarray, labels: np.ndarray) -> None:
        rows, columns = int(labels.max(initial=0)) + 1, int(objects.max(initial=0)) + 1
        pairs = labels.astype(np.int64) * columns + objects
        self.common = np.bincount(pairs.ravel(), minlength=rows * columns).reshape(rows, columns)
        self.label_pixels = self.common.sum(axis=1)
        self.object_pixels = self.common.sum(axis=0)


def _disjoint(image: str, objects: np.ndarray, instances: Sequence[Instance]) -> np.ndarray:
    """The label map of ``instances``; raises ValueError if there can be none."""
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
    image: str, objects: np.ndarray, labels: np.ndarray, overlaps: _Overlaps, counted: np.ndarray
) -> list[Failure]:
    found = []
    for label in range(1, len(overlaps.label_pixels)):
        parts = overlaps.common[label, counted]
        held = parts > _HALF * overlaps.object_pixels[counted]
        if np.count_nonzero(held) > 1:
            numbers = _largest_first(counted[held], parts[held])
            inside = np.where(labels == label, objects, 0)
            where = (labels == label) | np.isin(objects, numbers)
            found.append(
                Failure(
                    image,
                    JOINED,
                    pixels=int(parts[held].sum() - parts[held].max()),
                    box=bounding_box(where),
                    objects=numbers,
                    predictions=(label - 1,),
                    seam=find_seam(inside, numbers),
                )
            )
    return found


def _find_split(
    image: str, objects: np.ndarray, labels: np.ndarray, overlaps: _Overlaps, counted: np.ndarray
) -> list[Failure]:
    found = []
    for number in counted.tolist():
        parts = overlaps.common[1:, number]
        pieces = parts > _HALF * overlaps.label_pixels[1:]
        covered = parts[pieces].sum() > _HALF * overlaps.object_pixels[number]
        if np.count_nonzero(pieces) > 1 and covered:
            indices = _largest_first(np.flatnonzero(pieces), parts[pieces])
            where = (objects == number) | np.isin(labels, np.add(indices, 1))
            found.append(
                Failure(
                    image,
                    SPLIT,
                    pixels=int(parts[pieces].sum() - parts[pieces].max()),
                    box=bounding_box(where),
                    objects=(number,),
                    predictions=indices,
                    seam=find_seam(labels - 1, indices),
                )
            )
    return found


def _find_missed(
    image: str, objects: np.ndarray, overlaps: _Overlaps, alone: Sequence[int]
) -> list[Failure]:
    found = []
    for number in alone:
        common, pixels = overlaps.common[1:, number], overlaps.object_pixels[number]
        ious = common / (overlaps.label_pixels[1:] + pixels - common)
        if ious.max(initial=0) < _HALF:
            best = (int(ious.argmax()),) if common.any() else ()
            box = bounding_box(objects == number)
            found.append(Failure(image, MISSED, int(pixels), box, (number,), best))
    return found


def _largest_first(names: np.ndarray, parts: np.ndarray) -> tuple[int, ...]:
    return tuple(names[np.argsort(-parts, kind="stable")].tolist())
