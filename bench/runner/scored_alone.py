"""Methods of a study that are scored but not timed: components without affinities, and oracles.

An oracle takes the annotation in the place of a network; it shows the pipeline's ceiling.
"""

from collections.abc import Callable, Collection

import numpy as np

from bench.methods.bioimage import MUTEX_WATERSHED
from bench.methods.components import connected_components
from bench.pipeline.oracle import ORACLE_PARTS
from bench.pipeline.resizing import resize_nearest
from bench.pipeline.segment import Pipeline
from bench.types import Instance, Sample
from merge_impls import Backend

Segmenter = Callable[[Pipeline, Sample], list[Instance]]


def components(pipeline: Pipeline, sample: Sample) -> list[Instance]:
    """Connected components of the network's own semantic map, scored by their mean class probability."""
    predictor = pipeline.predictor(sample.image)
    semantic = predictor.semantic(pipeline.whole_view(predictor.size))
    semantic = resize_nearest(semantic, predictor.size)
    return connected_components(
        semantic.argmax(axis=0).astype(np.uint8),
        pipeline.model.classes,
        pipeline.config.min_object_pixels,
        semantic.max(axis=0),
    )


def annotated_components(pipeline: Pipeline, sample: Sample) -> list[Instance]:
    """Connected components of the annotated semantic map: the data set's difficulty, without networks."""
    return connected_components(sample.semantic, pipeline.model.classes, min_object_pixels=99)


def oracle(pipeline: Pipeline, sample: Sample) -> list[Instance]:
    """Annotated affinities and classes through the same pipeline (linkage "average"): its ceiling."""
    return _merged(pipeline, sample, ORACLE_PARTS)


def oracle_affinities(pipeline: Pipeline, sample: Sample) -> list[Instance]:
    """Annotated affinities with the classes that the network sees: what a perfect affinity network gives."""
    return _merged(pipeline, sample, ["affinity"])


def oracle_semantics(pipeline: Pipeline, sample: Sample) -> list[Instance]:
    """The networks' affinities with annotated classes: what a perfect semantic network gives."""
    return _merged(pipeline, sample, ["semantic"])


def _merged(pipeline: Pipeline, sample: Sample, parts: Collection[str]) -> list[Instance]:
    # This merge is not compared with another, so the plainest backend does it.
    return pipeline.segment(pipeline.oracle(sample, parts), "heap").instances


def mutex_watershed(pipeline: Pipeline, sample: Sample) -> list[Instance]:
    """Mutex watershed, a simpler rule, on the same refined affinities, with all offsets at once."""
    return pipeline.segment(pipeline.predictor(sample.image), MUTEX_WATERSHED).instances


SCORED_ALONE: dict[str, Segmenter] = {
    "components": components,
    "truth components": annotated_components,
    "truth affinities": oracle_affinities,
    "truth semantics": oracle_semantics,
    "truth": oracle,
    "mutex watershed": mutex_watershed,
}

MERGED = {"truth affinities", "truth semantics", "truth"}
"""Those of ``SCORED_ALONE`` that merge a graph as the backends do, with linkage "average"."""

BY_THIRD_PARTY: dict[str, Backend] = {"mutex watershed": MUTEX_WATERSHED}
"""Those of ``SCORED_ALONE`` that a third party's program computes, which may not be installed."""
