"""Oracles: the pipeline with the annotation instead of one or both networks.

They show which AP the pipeline could reach with perfect networks.
"""

from collections.abc import Collection
from typing import TYPE_CHECKING

from bench.methods.method import Method
from bench.pipeline.oracle import ORACLE_PARTS
from bench.types import Instance, Sample

if TYPE_CHECKING:
    from bench.pipeline.segment import Pipeline


def segment_with_oracle(
    pipeline: "Pipeline", sample: Sample, parts: Collection[str]
) -> list[Instance]:
    """Segment an annotated image. ``parts`` of the prediction are copied from the annotation."""
    # All backends give the same result, and the time of this merge is not reported.
    return pipeline.segment(pipeline.oracle_predictor(sample, parts), "heap").instances


def _oracle_method(name: str, computes: str, parts: Collection[str]) -> Method:
    """The method that copies ``parts`` of the prediction from the annotation."""

    def find_instances(pipeline: "Pipeline", sample: Sample) -> list[Instance]:
        return segment_with_oracle(pipeline, sample, parts)

    return Method(
        name,
        "",
        computes,
        linkages=("average",),
        approximate=("average",),
        find_instances=find_instances,
    )


TRUTH_AFFINITIES = _oracle_method(
    "truth affinities", "what a perfect affinity network gives", ["affinity"]
)
TRUTH_SEMANTICS = _oracle_method(
    "truth semantics", "what a perfect semantic network gives", ["semantic"]
)
TRUTH = _oracle_method(
    "truth", "what perfect networks give: the ceiling of the pipeline", ORACLE_PARTS
)
