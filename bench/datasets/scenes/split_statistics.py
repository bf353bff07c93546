"""Statistics of a split: how many instances each class has, how many are cut into parts, and so on."""

from collections.abc import Callable
from typing import TypedDict

import numpy as np
from scipy import ndimage

from bench.datasets import Dataset
from bench.types import VOID_CLASS, Sample

MIN_INSTANCE_PIXELS = 100
"""Instances with fewer pixels are not counted as visible: the evaluator ignores them."""

MIN_PART_PIXELS = 16
"""Connected components of an instance with fewer pixels are not counted as parts."""

_EIGHT_NEIGHBOURS = np.ones((3, 3), dtype=bool)


class SplitStatistics(TypedDict):
    """Counts of the instances and pixels of a split.

    images: the number of images.
    instances: the number of instances of any size.
    per_image: (least, mean, greatest) number of instances of any size in an image.
    visible: by class name, the number of instances with at least ``MIN_INSTANCE_PIXELS``.
    cut: by class name, the number of visible instances that have two or more parts of at least
        ``MIN_PART_PIXELS`` each.
    cut_share: the share of the visible instances of all classes that are cut, 0 to 1.
    foreground_share: the share of pixels that belong to an instance.
    void_share: the share of pixels that are void.
    """

    images: int
    instances: int
    per_image: tuple[int, float, int]
    visible: dict[str, int]
    cut: dict[str, int]
    cut_share: float
    foreground_share: float
    void_share: float


def compute_statistics(
    dataset: Dataset, split: str, progress: Callable[[int, int], None] | None = None
) -> SplitStatistics:
    """Count the instances and pixels of a split.

    progress: called after each image, progress(images_done, images_in_total).
    """
    visible, cut = dict.fromkeys(dataset.class_names, 0), dict.fromkeys(dataset.class_names, 0)
    counts, foreground, void = [], [], []
    names = dataset.names(split)
    for done, name in enumerate(names, start=1):
        sample = dataset.load(split, name)
        counts.append(int(sample.instances.max()))
        foreground.append(np.mean(sample.instances > 0))
        void.append(np.mean(sample.semantic == VOID_CLASS))
        for class_number, pixels, parts in _measure_instances(sample):
            if pixels >= MIN_INSTANCE_PIXELS:
                class_name = dataset.class_names[class_number - 1]
                visible[class_name] += 1
                cut[class_name] += parts > 1
        if progress is not None:
            progress(done, len(names))
    return {
        "images": len(names),
        "instances": sum(counts),
        "per_image": (min(counts), float(np.mean(counts)), max(counts)),
        "visible": visible,
        "cut": cut,
        "cut_share": sum(cut.values()) / max(sum(visible.values()), 1),
        "foreground_share": float(np.mean(foreground)),
        "void_share": float(np.mean(void)),
    }


def _measure_instances(sample: Sample) -> list[tuple[int, int, int]]:
    """(class number, pixels, parts) of each instance. Parts with at least ``MIN_PART_PIXELS`` are counted."""
    found = []
    boxes = ndimage.find_objects(sample.instances)
    for number, window in enumerate(boxes, start=1):
        if window is None:
            continue
        mask = sample.instances[window] == number
        class_number = int(sample.semantic[window][mask][0])
        parts, _ = ndimage.label(mask, structure=_EIGHT_NEIGHBOURS)
        sizes = np.bincount(parts[mask])[1:]
        found.append((class_number, int(mask.sum()), int((sizes >= MIN_PART_PIXELS).sum())))
    return found


def format_statistics(counted: SplitStatistics) -> str:
    """The result of ``compute_statistics`` as lines of text."""
    fewest, mean, most = counted["per_image"]
    lines = [
        f"{counted['images']} images, {counted['instances']} instances"
        f" ({fewest} to {most} an image, {mean:.1f} on average)",
        f"foreground {counted['foreground_share']:.1%} of the pixels,"
        f" void {counted['void_share']:.1%}",
        f"cut into two or more parts: {counted['cut_share']:.1%} of the instances"
        f" of {MIN_INSTANCE_PIXELS} pixels or more",
        f"{'class':<12}{'visible':>9}{'cut':>6}",
    ]
    for class_name, number in counted["visible"].items():
        lines.append(f"{class_name:<12}{number:>9}{counted['cut'][class_name]:>6}")
    return "\n".join(lines)
