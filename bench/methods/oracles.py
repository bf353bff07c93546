"""Oracles: the pipeline with the annotation in the place of a network, which shows its ceiling."""

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
    """Instances of the pipeline, the ``parts`` of the predictions as annotated."""
    # This merge is not compared with another, so the plainest backend does it.
    return pipeline.segment(pipeline.oracle(sample, parts), "heap").instances


def _oracle(name: str, computes: str, parts: Collection[str]) -> Method:
    def find(pipeline: "Pipeline", sample: Sample) -> list[Instance]:
        return segment_with_oracle(pipeline, sample, parts)

    return Method(name, "", computes, linkages=("average",), find=find)


TRUTH_AFFINITIES = _oracle(
    "truth affinities", "what a perfect affinity network gives", ["affinity"]
)
TRUTH_SEMANTICS = _oracle("truth semantics", "what a perfect semantic network gives", ["semantic"])
TRUTH = _oracle("truth", "what perfect networks give: the ceiling of the pipeline", ORACLE_PARTS)
