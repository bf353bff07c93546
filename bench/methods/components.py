"""Instances without affinities: every connected component of a semantic map is one."""

from collections.abc import Sequence

import numpy as np
from scipy import ndimage

from bench.types import Instance

_EIGHT_NEIGHBOURS = np.ones((3, 3), dtype=bool)


def connected_components(
    semantic: np.ndarray,
    class_names: Sequence[str],
    min_object_pixels: int,
    confidence: np.ndarray | None = None,
) -> list[Instance]:
    """8-connected components of each class that have more than ``min_object_pixels`` pixels.

    semantic: (H, W) uint8, 0 background, 1..C the classes of ``class_names``, other values void.
    confidence: (H, W) float in [0, 1], its mean inside a component is the score; None scores all 1.
    Returns the instances by class, then in raster order of their first pixel.
    Raises ValueError if ``confidence`` has another shape than ``semantic``.
    """
    if confidence is not None and confidence.shape != semantic.shape:
        raise ValueError(
            f"confidence has shape {confidence.shape}, semantic {semantic.shape}: expected the same"
        )
    instances = []
    for class_number, class_name in enumerate(class_names, start=1):
        components, count = ndimage.label(semantic == class_number, structure=_EIGHT_NEIGHBOURS)
        sizes = np.bincount(components.ravel(), minlength=count + 1)
        for component in range(1, count + 1):
            if sizes[component] > min_object_pixels:
                mask = components == component
                score = 1.0 if confidence is None else float(confidence[mask].mean())
                instances.append(Instance(mask, class_name, score))
    return instances
