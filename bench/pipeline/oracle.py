"""Perfect networks: what they would have answered, made from the annotation. The pipeline's ceiling."""

from collections.abc import Sequence

import numpy as np

from bench.pipeline.prediction import Prediction
from bench.types import VOID, Sample
from merge_impls.offsets import end_slices


def oracle_prediction(
    sample: Sample, offsets: Sequence[tuple[int, int]], num_classes: int
) -> Prediction:
    """Ground-truth affinities and semantics as probabilities 0 and 1; void counts as background."""
    affinity = np.zeros((len(offsets), *sample.instances.shape), np.float32)
    for channel, offset in enumerate(np.asarray(offsets)):
        here, there = end_slices(sample.instances.shape, offset)
        same = (sample.instances[here] == sample.instances[there]) & (sample.instances[here] > 0)
        affinity[channel][here] = same
    return Prediction(affinity, oracle_classes(sample, num_classes))


def oracle_classes(sample: Sample, num_classes: int) -> np.ndarray:
    """The semantics of ``oracle_prediction`` alone: (1 + C, H, W) float32."""
    known = np.where(sample.semantic == VOID, 0, sample.semantic)
    return (np.arange(1 + num_classes)[:, None, None] == known).astype(np.float32)
