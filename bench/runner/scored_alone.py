"""What stands beside the method for scale: a baseline without affinities, and the pipeline's ceiling."""

from collections.abc import Callable, Collection

import numpy as np

from bench.methods.bioimage import MUTEX_WATERSHED
from bench.methods.components import connected_components
from bench.pipeline.resizing import resize_nearest
from bench.pipeline.segment import ORACLE_PARTS, Pipeline
from bench.types import Instance, Sample
from merge_impls.backend import Backend

Baseline = Callable[[Pipeline, Sample], list[Instance]]


def components(pipeline: Pipeline, sample: Sample) -> list[Instance]:
    """Connected components of the network's own semantic map, scored by their mean class probability."""
    semantic = resize_nearest(pipeline.classes(sample.image), sample.semantic.shape)
    config = pipeline.config
    return connected_components(
        semantic.argmax(axis=0).astype(np.uint8),
        config.classes,
        pipeline.resolved.min_object_pixels,
        semantic.max(axis=0),
    )


def annotated_components(pipeline: Pipeline, sample: Sample) -> list[Instance]:
    """Connected components of the annotated semantic map: the data set's difficulty, without networks."""
    return connected_components(sample.semantic, pipeline.config.classes, min_object_pixels=99)


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
    # Nobody checks this merge against another, so the literal one does it.
    return pipeline.segment(sample.image, "heap", sample, parts).instances


def mutex_watershed(pipeline: Pipeline, sample: Sample) -> list[Instance]:
    """Another, simpler rule on the same refined affinities, all offsets at once; scored as ours are."""
    return pipeline.segment(sample.image, MUTEX_WATERSHED).instances


BASELINES: dict[str, Baseline] = {
    "components": components,
    "truth components": annotated_components,
    "truth affinities": oracle_affinities,
    "truth semantics": oracle_semantics,
    "truth": oracle,
    "mutex watershed": mutex_watershed,
}

MERGED = {"truth affinities", "truth semantics", "truth"}
"""Baselines that are merged as the method's own maps are, with linkage "average"."""

BY_THIRD_PARTY: dict[str, Backend] = {"mutex watershed": MUTEX_WATERSHED}
"""Baselines that others' programs compute, which may not be installed."""
