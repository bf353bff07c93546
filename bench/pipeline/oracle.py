"""An oracle: a predictor that copies the annotation. It predicts what perfect networks would."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from bench.pipeline.resizing import resize_nearest
from bench.pipeline.view import View
from bench.types import VOID_CLASS, Sample, Size, image_size
from merge_impls.arrays import Float32Array
from merge_impls.offsets import pair_slices

ORACLE_PARTS = ("affinity", "semantic")
"""The parts of a prediction that can come from the annotation instead of a network."""


@dataclass(frozen=True)
class AnnotationPredictor:
    """Predicts the annotation of an image, with probabilities 0 and 1. Void pixels become background.

    offsets: the offset (down, right) of each affinity map. num_classes: C, without background.
    """

    sample: Sample
    offsets: Sequence[tuple[int, int]]
    num_classes: int

    @property
    def image_size(self) -> Size:
        """(height, width) of the image."""
        return image_size(self.sample.semantic)

    def semantic(self, view: View) -> Float32Array:
        """Class probabilities of a view, (1 + C, H, W) float32."""
        annotated = _crop_and_resize_to_view(self.sample.semantic, view)
        known = np.where(annotated == VOID_CLASS, 0, annotated)
        return np.asarray(np.arange(1 + self.num_classes)[:, None, None] == known, dtype=np.float32)

    def affinity(self, view: View) -> Float32Array:
        """Affinities of a view, (K, H, W) float32: 1 if both pixels are of the same instance, else 0."""
        instances = _crop_and_resize_to_view(self.sample.instances, view)
        affinity = np.zeros((len(self.offsets), *instances.shape), np.float32)
        for channel, offset in enumerate(np.asarray(self.offsets)):
            here, there = pair_slices(instances.shape, offset)
            affinity[channel][here] = (instances[here] == instances[there]) & (instances[here] > 0)
        return affinity

    def prepare(self, view: View) -> None:
        """Do nothing, because copying the annotation is fast."""


def _crop_and_resize_to_view(annotated: np.ndarray, view: View) -> np.ndarray:
    """The part of an annotated map (H, W) that a view shows, at the input size of the view."""
    return resize_nearest(annotated[view.box.slices], view.input_size)


def sample_in_view(sample: Sample, view: View) -> Sample:
    """The part of an annotated image that a view shows, at the input size of the view."""
    return replace(
        sample,
        image=view.network_input(sample.image),
        semantic=_crop_and_resize_to_view(sample.semantic, view),
        instances=_crop_and_resize_to_view(sample.instances, view),
    )
