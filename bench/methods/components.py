"""Finds instances without affinities: each connected component of a semantic map is an instance.

Compared with components of the network's semantic map, a merge shows what affinities add. Components of the
annotated map show how hard the data set is without any mistake of a network.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from scipy import ndimage

from bench.methods.method import Method
from bench.pipeline.resizing import resize_nearest
from bench.types import Instance, Sample

if TYPE_CHECKING:
    from bench.pipeline.segment import Pipeline

_EIGHT_NEIGHBOURS = np.ones((3, 3), dtype=bool)


def connected_components(
    semantic: np.ndarray,
    class_names: Sequence[str],
    min_object_pixels: int,
    confidence: np.ndarray | None = None,
) -> list[Instance]:
    """The 8-connected components of each class that have more than ``min_object_pixels`` pixels.

    semantic: (H, W) uint8, 0 background, 1..C the classes of ``class_names``, other values void.
    confidence: (H, W) float in [0, 1]. The score of a component is its mean in the component; None: 1.
    Returns the instances by class, then in raster order of their first pixels.
    Raises ValueError if ``confidence`` and ``semantic`` have different shapes.
    """
    if confidence is not None and confidence.shape != semantic.shape:
        raise ValueError(
            f"confidence has shape {confidence.shape}, semantic {semantic.shape}; give the same shape"
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


def components_of_network_classes(pipeline: "Pipeline", sample: Sample) -> list[Instance]:
    """Connected components of the network's semantic map. The score is the mean class probability."""
    predictor = pipeline.predictor(sample.image, sample.name)
    semantic = predictor.semantic(pipeline.whole_image_view(predictor.image_size))
    semantic = resize_nearest(semantic, predictor.image_size)
    return connected_components(
        semantic.argmax(axis=0).astype(np.uint8),
        pipeline.model.classes,
        pipeline.config.min_object_pixels,
        semantic.max(axis=0),
    )


def components_of_annotated_classes(pipeline: "Pipeline", sample: Sample) -> list[Instance]:
    """Connected components of the annotated semantic map."""
    return connected_components(sample.semantic, pipeline.model.classes, min_object_pixels=99)


COMPONENTS = Method(
    "components",
    "",
    "connected components of the network's class map with more than r_c pixels",
    find_instances=components_of_network_classes,
)
TRUTH_COMPONENTS = Method(
    "truth components",
    "",
    "connected components of the annotated class map with at least 100 pixels",
    find_instances=components_of_annotated_classes,
)
