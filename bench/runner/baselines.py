"""What stands beside the method for scale: a baseline without affinities, and the pipeline's ceiling."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from bench.evaluation.components import connected_components
from bench.peers.bioimage import MUTEX_WATERSHED
from bench.pipeline import Pipeline
from bench.problem.build import Maps
from bench.types import Instance, Sample
from merge_impls import merge
from merge_impls.backend import Backend

Baseline = Callable[[Pipeline, Sample], list[Instance]]


def components(pipeline: Pipeline, sample: Sample) -> list[Instance]:
    """Connected components of the network's own semantic map, scored by their mean class probability."""
    semantic = pipeline.at_picture_size(pipeline.maps(sample.image)).semantic
    config = pipeline.config
    return connected_components(
        semantic.argmax(axis=0).astype(np.uint8),
        config.classes,
        config.numbers("average").min_pixels,
        semantic.max(axis=0),
    )


def truth_components(pipeline: Pipeline, sample: Sample) -> list[Instance]:
    """Connected components of the annotated semantic map: the data set's difficulty, without networks."""
    return connected_components(sample.semantic, pipeline.config.classes, min_pixels=99)


def truth(pipeline: Pipeline, sample: Sample) -> list[Instance]:
    """Annotated affinities and classes through the same pipeline (linkage "average"): its ceiling."""
    return _merged(pipeline, pipeline.true_maps(sample))


def truth_affinities(pipeline: Pipeline, sample: Sample) -> list[Instance]:
    """Annotated affinities with the classes that the network sees: what a perfect affinity network gives."""
    found = pipeline.maps(sample.image)
    return _merged(pipeline, replace(found, affinity=pipeline.true_maps(sample).affinity))


def truth_semantics(pipeline: Pipeline, sample: Sample) -> list[Instance]:
    """The networks' affinities with annotated classes: what a perfect semantic network gives."""
    found = pipeline.maps(sample.image)
    return _merged(pipeline, replace(found, semantic=pipeline.true_maps(sample).semantic))


def _merged(pipeline: Pipeline, maps: Maps) -> list[Instance]:
    # Nobody checks this merge against another, so the literal one does it.
    result = merge(pipeline.problem(maps, "average"), backend="heap")
    return pipeline.instances(maps, result, "average")


def mutex_watershed(pipeline: Pipeline, sample: Sample) -> list[Instance]:
    """Another, simpler rule on the same refined affinities, all offsets at once; scored as ours are."""
    maps = pipeline.maps(sample.image)
    result = merge(pipeline.problem(maps, "average"), backend=MUTEX_WATERSHED)
    return pipeline.instances(maps, result, "average")


BASELINES: dict[str, Baseline] = {
    "components": components,
    "truth components": truth_components,
    "truth affinities": truth_affinities,
    "truth semantics": truth_semantics,
    "truth": truth,
    "mutex watershed": mutex_watershed,
}

MERGED = {"truth affinities", "truth semantics", "truth"}
"""Baselines that are merged as the method's own maps are, with linkage "average"."""

BY_PEERS: dict[str, Backend] = {"mutex watershed": MUTEX_WATERSHED}
"""Baselines that others' programs compute, which may not be installed."""
