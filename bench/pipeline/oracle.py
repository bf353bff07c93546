"""The oracle: what perfect networks would predict, made from the annotation. With it the pipeline reaches
its ceiling."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from bench.pipeline.prediction import Prediction, View
from bench.pipeline.resizing import resize_nearest
from bench.types import VOID_CLASS, Sample
from merge_impls.arrays import Float32Array
from merge_impls.offsets import end_slices

ORACLE_PARTS = ("affinity", "semantic")
"""The parts of a prediction that can come from the annotation instead of a network."""


def annotated(sample: Sample | None) -> Sample:
    """The sample that an oracle is made from; raises ValueError if none was given."""
    if sample is None:
        raise ValueError("oracle: no annotated image was given; pass it as `sample`")
    return sample


def sample_in_view(sample: Sample, view: View) -> Sample:
    """The part of an annotated image that a view shows, at the networks' input size."""
    rows, columns = view.box.slices
    return replace(
        sample,
        image=view.network_input(sample.image),
        semantic=resize_nearest(sample.semantic[rows, columns], view.input_size),
        instances=resize_nearest(sample.instances[rows, columns], view.input_size),
    )


def oracle_prediction(
    sample: Sample, offsets: Sequence[tuple[int, int]], num_classes: int
) -> Prediction:
    """Affinities and classes as annotated, with probabilities 0 and 1; void counts as background."""
    affinity = np.zeros((len(offsets), *sample.instances.shape), np.float32)
    for channel, offset in enumerate(np.asarray(offsets)):
        here, there = end_slices(sample.instances.shape, offset)
        same = (sample.instances[here] == sample.instances[there]) & (sample.instances[here] > 0)
        affinity[channel][here] = same
    return Prediction(affinity, oracle_classes(sample, num_classes))


def oracle_classes(sample: Sample, num_classes: int) -> Float32Array:
    """The class probabilities of ``oracle_prediction`` alone, (1 + C, H, W) float32."""
    known = np.where(sample.semantic == VOID_CLASS, 0, sample.semantic)
    return np.asarray(np.arange(1 + num_classes)[:, None, None] == known, dtype=np.float32)
