"""Mutants whose merges are right, but which return a wrong array."""

from dataclasses import replace

import numpy as np
from example_backend.merge import Merge, merge

from mutants import mutant


def numbered_by_size(problem):
    """Segments are numbered by size, the largest first."""
    result = merge(problem)
    order = np.argsort(-result.sizes, kind="stable")
    number_of = np.zeros(len(order) + 1, np.int32)
    number_of[order + 1] = np.arange(1, len(order) + 1)
    return replace(
        result,
        labels=number_of[result.labels],
        sizes=result.sizes[order],
        confidences=result.confidences[order],
    )


def numbered_from_zero(problem):
    """Segments are numbered from 0, which is also the label outside the mask."""
    result = merge(problem)
    return replace(result, labels=np.maximum(result.labels - 1, 0))


def sizes_without_first_vertex(problem):
    """A size does not count the first vertex of the segment."""
    result = merge(problem)
    return replace(result, sizes=result.sizes - 1)


@mutant
class confidences_of_the_last_stage(Merge):
    """A confidence is the mean over the pixel edges of the last stage only."""

    def add_stage_edges(self, stage):
        self.affinities_inside = {a: (0, 0) for a in self.affinities_inside}
        super().add_stage_edges(stage)


def confidences_in_float32(problem):
    """Confidences are rounded to float32, and then converted to float64."""
    result = merge(problem)
    return replace(result, confidences=result.confidences.astype(np.float32).astype(np.float64))


def history_sorted_by_name(problem):
    """Within a stage, the rows of the history are sorted by a and b."""
    result = merge(problem)
    return replace(result, history=np.sort(result.history, order=("stage", "a", "b")))
