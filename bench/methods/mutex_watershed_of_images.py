"""Mutex watershed as a method of images: an algorithm that differs from the paper's merge.

It gets the same refined affinities as the merge, but uses all offsets at once instead of in stages.
"""

from typing import TYPE_CHECKING

from bench.methods import bioimage_cpp
from bench.methods.method import Method
from bench.types import Instance, Sample

if TYPE_CHECKING:
    from bench.pipeline.segment import Pipeline

BACKEND = bioimage_cpp.MUTEX_WATERSHED


def segment_with_mutex_watershed(pipeline: "Pipeline", sample: Sample) -> list[Instance]:
    """Find instances with bioimage-cpp's mutex watershed in the graph of each region."""
    return pipeline.segment(pipeline.predictor(sample.image, sample.name), BACKEND).instances


MUTEX_WATERSHED_OF_IMAGES = Method(
    "mutex watershed",
    BACKEND.version,
    BACKEND.description,
    reason=BACKEND.missing(),
    find_instances=segment_with_mutex_watershed,
)
