"""The protocol of predictors, which predict the classes and the affinities of one image (3.2 and 3.3)."""

from dataclasses import dataclass
from typing import Protocol

from bench.pipeline.view import View
from bench.types import Size
from merge_impls.arrays import Float32Array


class Predictor(Protocol):
    """Predicts classes and affinities in views of one image.

    ``NetworkPredictor`` runs the networks; ``AnnotationPredictor`` copies the annotation.
    """

    @property
    def image_size(self) -> Size:
        """(height, width) of the image."""
        ...

    def semantic(self, view: View) -> Float32Array:
        """Class probabilities (1 + C, H, W) float32 at the view's input size, background first."""
        ...

    def affinity(self, view: View) -> Float32Array:
        """Undirected affinities (K, H, W) float32 at the view's input size.

        Value [k, p] is the affinity of the pixels p and p + offsets[k], for ``PipelineConfig.map_offsets``.
        """
        ...

    def prepare(self, view: View) -> None:
        """Run the networks on a view and cache their logits, so that later calls are fast."""
        ...


@dataclass(frozen=True)
class MixedPredictor:
    """A predictor that takes the classes from one predictor and the affinities from another one."""

    semantic_from: Predictor
    affinity_from: Predictor

    @property
    def image_size(self) -> Size:
        """(height, width) of the image."""
        return self.semantic_from.image_size

    def semantic(self, view: View) -> Float32Array:
        """Class probabilities, see ``Predictor.semantic``."""
        return self.semantic_from.semantic(view)

    def affinity(self, view: View) -> Float32Array:
        """Undirected affinities, see ``Predictor.affinity``."""
        return self.affinity_from.affinity(view)

    def prepare(self, view: View) -> None:
        """Call ``prepare`` of both predictors."""
        self.semantic_from.prepare(view)
        self.affinity_from.prepare(view)
