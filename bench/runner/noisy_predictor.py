"""Adds random noise to predicted affinities, to measure which strategies make the merge robust to noise."""

from dataclasses import dataclass, field

import numpy as np

from bench.pipeline.predictor import Predictor
from bench.pipeline.view import View
from bench.types import Size
from merge_impls.arrays import Float32Array

LOWEST_PROBABILITY = 1e-4
"""Affinities are clipped to [this, 1 - this] before the logit, which is infinite at 0 and 1."""


@dataclass(frozen=True)
class NoisyPredictor:
    """A predictor that adds independent normal noise to the logit of every affinity of another predictor.

    deviation: the standard deviation of the noise. random: its generator, which has a fixed seed: the same
    views in the same order get the same noise.
    """

    predictor: Predictor
    deviation: float
    random: np.random.Generator = field(default_factory=lambda: np.random.default_rng(0))

    @property
    def image_size(self) -> Size:
        """(height, width) of the image."""
        return self.predictor.image_size

    def semantic(self, view: View) -> Float32Array:
        """The class probabilities of the other predictor, without noise."""
        return self.predictor.semantic(view)

    def affinity(self, view: View) -> Float32Array:
        """Undirected affinities (K, H, W) float32 with noise."""
        affinity = self.predictor.affinity(view).clip(LOWEST_PROBABILITY, 1 - LOWEST_PROBABILITY)
        noise = self.deviation * self.random.standard_normal(affinity.shape)
        logits = np.log(affinity / (1 - affinity)) + noise
        noisy: Float32Array = (1 / (1 + np.exp(-logits))).astype(np.float32)
        return noisy

    def prepare(self, view: View) -> None:
        """Run the slow part of the other predictor."""
        self.predictor.prepare(view)
