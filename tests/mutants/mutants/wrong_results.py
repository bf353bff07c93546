"""Mutants that merge correctly and return wrong arrays."""

from dataclasses import replace

import numpy as np
from example_backend.merge import Merge, merge

from mutants import mutant


def numbered_by_size(problem):
    """The largest segment is number 1."""
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


def sizes_without_the_first(problem):
    """A size is the number of vertices that joined the first."""
    result = merge(problem)
    return replace(result, sizes=result.sizes - 1)


@mutant
class confidences_of_the_last_stage(Merge):
    """Confidences count only the edges that the last stage added."""

    def add_edges(self, stage):
        self.inside = {a: (0, 0) for a in self.inside}
        super().add_edges(stage)


def confidences_in_float32(problem):
    """Confidences are rounded to float32 in between."""
    result = merge(problem)
    return replace(result, confidences=result.confidences.astype(np.float32).astype(np.float64))


def history_by_name(problem):
    """The history of a stage is sorted by the vertices that merged."""
    result = merge(problem)
    return replace(result, history=np.sort(result.history, order=("stage", "a", "b")))
