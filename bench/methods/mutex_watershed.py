"""Mutex watershed, a simpler rule, of images: on the same refined affinities, with all offsets at once."""

from typing import TYPE_CHECKING

from bench.methods import bioimage_cpp
from bench.methods.method import Method
from bench.types import Instance, Sample

if TYPE_CHECKING:
    from bench.pipeline.segment import Pipeline

BACKEND = bioimage_cpp.MUTEX_WATERSHED


def mutex_watershed(pipeline: "Pipeline", sample: Sample) -> list[Instance]:
    """Instances from bioimage-cpp's mutex watershed of each region."""
    return pipeline.segment(pipeline.predictor(sample.image), BACKEND).instances


MUTEX_WATERSHED_OF_IMAGES = Method(
    "mutex watershed",
    BACKEND.version,
    BACKEND.description,
    reason=BACKEND.missing(),
    find=mutex_watershed,
)
