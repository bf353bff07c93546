"""A predictor with random noise on its affinities, to measure which strategies help against noise."""

from dataclasses import dataclass, field

import numpy as np

from bench.pipeline.predictor import Predictor
from bench.pipeline.view import View
from bench.types import Size
from merge_impls.arrays import Float32Array

LEAST = 1e-4
"""Probabilities are kept this far from 0 and 1, where logits are infinite."""


@dataclass(frozen=True)
class NoisyPredictor:
    """Adds independent normal noise of a standard ``deviation`` to the logit of every affinity.

    The noise is determined by a seed: predicting the same views in the same order gives the same noise.
    """

    of: Predictor
    deviation: float
    random: np.random.Generator = field(default_factory=lambda: np.random.default_rng(0))

    @property
    def size(self) -> Size:
        """(height, width) of the image."""
        return self.of.size

    def semantic(self, view: View) -> Float32Array:
        """Class probabilities without noise."""
        return self.of.semantic(view)

    def affinity(self, view: View) -> Float32Array:
        """Undirected affinities (K, H, W) float32 with noise."""
        affinity = self.of.affinity(view).clip(LEAST, 1 - LEAST)
        noise = self.deviation * self.random.standard_normal(affinity.shape)
        logits = np.log(affinity / (1 - affinity)) + noise
        noisy: Float32Array = (1 / (1 + np.exp(-logits))).astype(np.float32)
        return noisy

    def prepare(self, view: View) -> None:
        """Run the slow part of the predictor."""
        self.of.prepare(view)
