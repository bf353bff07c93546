"""Makes the predictor of an image for a variant of a study: the networks or an oracle, perhaps with noise."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from bench.pipeline.predictor import Predictor
from bench.runner.noisy_predictor import NoisyPredictor
from bench.runner.study import Variant
from bench.types import RgbImage, Sample

if TYPE_CHECKING:
    from bench.pipeline.segment import Pipeline


def variant_predictor(
    pipeline: "Pipeline",
    variant: Variant,
    name: str,
    image: RgbImage,
    load_sample: Callable[[], Sample],
) -> Predictor:
    """The predictor of the image ``name`` for a variant.

    pipeline: a pipeline with the configuration of the variant.
    load_sample: reads the image with its annotation. It is called only if the variant has an oracle.
    """
    predictor: Predictor = pipeline.predictor(image, name)
    if variant.oracle:
        predictor = pipeline.oracle_predictor(load_sample(), variant.oracle)
    return NoisyPredictor(predictor, variant.noise) if variant.noise else predictor
