"""Counts the annotated objects that an evaluation scores, and refuses images without any."""

import numpy as np

from bench.evaluation.average_precision import SizeRange
from bench.types import VOID_INSTANCE, Annotation


def count_scored_objects(annotation: Annotation, size_range: SizeRange) -> int:
    """The number of annotated objects that are not groups and whose size is in ``size_range``."""
    count = len(annotation.classes)
    pixels = np.bincount(annotation.objects.ravel() - VOID_INSTANCE, minlength=count + 2)[2:]
    return int(np.count_nonzero(~annotation.is_group & size_range.contains(pixels)))


def refuse_images_without_objects(
    count: int, size_range: SizeRange, images: str, remedy: str
) -> None:
    """Raise ValueError if the images have no object that is scored.

    count: the number of objects that are scored. images: what the images are. remedy: what the user can do.
    """
    if not count:
        raise ValueError(
            f"{images}: no image has an annotated object with at least {size_range.least_object_pixels} "
            f"pixel(s), so there is nothing to score; {remedy}"
        )
