"""What predicts an image in a variant of a study: networks or the annotation, with noise where it says so."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from bench.pipeline.predictor import Predictor
from bench.runner.noisy_predictor import NoisyPredictor
from bench.runner.study import Variant
from bench.types import RgbImage, Sample

if TYPE_CHECKING:
    from bench.pipeline.segment import Pipeline


def variant_predictor(
    pipeline: "Pipeline", variant: Variant, image: RgbImage, load_sample: Callable[[], Sample]
) -> Predictor:
    """The predictor of an image; pipeline: with the configuration of the variant.

    load_sample: reads the image with its annotation, which only an oracle needs.
    """
    predictor: Predictor = pipeline.predictor(image)
    if variant.oracle:
        predictor = pipeline.oracle(load_sample(), variant.oracle)
    return NoisyPredictor(predictor, variant.noise) if variant.noise else predictor
