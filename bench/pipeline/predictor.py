"""Predictors: what predicts the classes and the affinities of one image (sections 3.2 and 3.3)."""

from dataclasses import dataclass
from typing import Protocol

from bench.pipeline.view import View
from bench.types import Size
from merge_impls.arrays import Float32Array


class Predictor(Protocol):
    """Predicts views of one image. Implemented by the networks and, as an oracle, by the annotation."""

    @property
    def size(self) -> Size:
        """(height, width) of the image."""
        ...

    def semantic(self, view: View) -> Float32Array:
        """Class probabilities (1 + C, H, W) float32 at the view's input size, background first."""
        ...

    def affinity(self, view: View) -> Float32Array:
        """Undirected affinities (K, H, W) float32 at the view's input size, value [k, p] of the pair
        (p, p + offsets[k]) for ``PipelineConfig.map_offsets``."""
        ...

    def prepare(self, view: View) -> None:
        """Run the slow part of predicting a view, the networks, and store its result for later calls."""
        ...


@dataclass(frozen=True)
class MixedPredictor:
    """Takes the classes from one predictor and the affinities from another, both of the same image."""

    semantic_from: Predictor
    affinity_from: Predictor

    @property
    def size(self) -> Size:
        """(height, width) of the image."""
        return self.semantic_from.size

    def semantic(self, view: View) -> Float32Array:
        """Class probabilities, see :class:`Predictor`."""
        return self.semantic_from.semantic(view)

    def affinity(self, view: View) -> Float32Array:
        """Undirected affinities, see :class:`Predictor`."""
        return self.affinity_from.affinity(view)

    def prepare(self, view: View) -> None:
        """Run the slow part of both predictors."""
        self.semantic_from.prepare(view)
        self.affinity_from.prepare(view)
