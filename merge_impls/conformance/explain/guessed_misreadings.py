"""Guess how a backend misreads its problem: change the problem as if it were misread, merge it, and compare.

If the changed problem gives exactly the backend's wrong result, the backend probably makes this mistake.
"""

from collections.abc import Callable, Mapping

import numpy as np

from merge_impls.argument_checks import LINKAGES, join_quoted
from merge_impls.arrays import Int64Array
from merge_impls.conformance.explain.divergence import first_different_row
from merge_impls.conformance.literal_merge import literal_merge
from merge_impls.conformance.shrink.reductions import (
    as_explicit_graph,
    keep_channels,
    replace_unchecked,
    without_counts,
)
from merge_impls.problem import MergeProblem
from merge_impls.result import MergeResult

FEW_VERTICES = 3
"""With so few vertices or fewer, results are often equal by chance, so that a guess may well be wrong."""

UNREACHABLE = np.float32(2)
"""A threshold that no edge reaches."""


def guessed_misreading_lines(problem: MergeProblem, got: MergeResult) -> list[str]:
    """Name, in one line, the misreadings of the problem that give exactly the result of the backend.

    Histories are compared or, if the backend returns none, labels. Returns [] if no known misreading
    gives the result, and if more than two do, because then the guess would be too vague.
    """
    found = _misreadings_that_give(problem, got)
    if not 1 <= len(found) <= 2:
        return []
    what = "labels are" if got.history is None else "history is"
    line = f"All of the backend's {what} what comes out if {', or if '.join(found)}."
    if problem.num_vertices <= FEW_VERTICES:
        line += " This is a guess: on a problem this small, other mistakes may give it, too."
    return [line]


def _misreadings_that_give(problem: MergeProblem, got: MergeResult) -> list[str]:
    """Return the descriptions of all known misreadings of the problem that give the result ``got``."""
    misreadings = {**MISREADINGS, **(GRID_MISREADINGS if problem.is_grid else {})}
    found = [words for words, misread in misreadings.items() if _has_result(misread(problem), got)]
    others = [name for name in LINKAGES if name != problem.linkage]
    computed = [
        name for name in others if _has_result(replace_unchecked(problem, linkage=name), got)
    ]
    if (
        len(computed) == 1
    ):  # a result that several linkages have does not tell which one is computed
        found.append(f"linkage {join_quoted(computed, 'or')} is computed")
    return found


def _has_result(problem: MergeProblem, got: MergeResult) -> bool:
    """Whether the right result of ``problem`` has the same history (without a history: labels) as ``got``."""
    result = literal_merge(problem)
    if got.history is None or result.history is None:
        return np.array_equal(result.labels, got.labels)
    return first_different_row(result.history, got.history) is None


def _thresholds_one_ulp_higher(problem: MergeProblem) -> MergeProblem:
    return replace_unchecked(problem, thresholds=np.nextafter(problem.thresholds, UNREACHABLE))


def _thresholds_that_only_fall(problem: MergeProblem) -> MergeProblem:
    return replace_unchecked(problem, thresholds=np.minimum.accumulate(problem.thresholds))


def _no_merges_in_empty_stages(problem: MergeProblem) -> MergeProblem:
    empty = ~np.isin(np.arange(len(problem.thresholds)), problem.stages)
    return replace_unchecked(problem, thresholds=np.where(empty, UNREACHABLE, problem.thresholds))


def _all_edges_in_stage_0(problem: MergeProblem) -> MergeProblem:
    return replace_unchecked(problem, stages=np.zeros_like(problem.stages))


def _earlier_edges_again_in_each_stage(problem: MergeProblem) -> MergeProblem:
    """An explicit graph that has each edge of the problem in its stage and in every later stage."""
    graph, count = as_explicit_graph(problem), len(problem.thresholds)
    again = [(k, later) for k, stage in enumerate(graph.stages) for later in range(stage, count)]
    rows = np.array(again, np.int64).reshape(-1, 2)
    stages = rows[:, 1].astype(np.int32)
    return replace_unchecked(keep_channels(graph, rows[:, 0]), stages=stages)


def _without_zero_affinities(problem: MergeProblem) -> MergeProblem:
    graph = as_explicit_graph(problem)
    return keep_channels(graph, graph.affinities > 0)


def _without_counts(problem: MergeProblem) -> MergeProblem:
    return without_counts(problem) or problem


def _without_mask(problem: MergeProblem) -> MergeProblem:
    return replace_unchecked(problem, mask=np.ones(problem.shape, np.bool_))


def _grid_offsets(problem: MergeProblem) -> Int64Array:
    assert problem.offsets is not None, "these guesses are for grids"
    return problem.offsets


def _offsets_without_signs(problem: MergeProblem) -> MergeProblem:
    return replace_unchecked(problem, offsets=np.abs(_grid_offsets(problem)))


def _negated_offsets(problem: MergeProblem) -> MergeProblem:
    return replace_unchecked(problem, offsets=-_grid_offsets(problem))


def _offsets_with_reversed_axes(problem: MergeProblem) -> MergeProblem:
    return replace_unchecked(problem, offsets=_grid_offsets(problem)[:, ::-1])


def _affinities_of_the_other_end(problem: MergeProblem) -> MergeProblem:
    axes = tuple(range(len(problem.shape)))
    ends = [
        np.roll(q, -offset, axes)
        for q, offset in zip(problem.affinities, _grid_offsets(problem), strict=True)
    ]
    return replace_unchecked(
        problem, affinities=np.array(ends, np.uint16).reshape(problem.affinities.shape)
    )


MISREADINGS: Mapping[str, Callable[[MergeProblem], MergeProblem]] = {
    "an edge must weigh more than R, not at least R": _thresholds_one_ulp_higher,
    "a threshold above that of the stage before is lowered to it": _thresholds_that_only_fall,
    "stages without edges of their own merge nothing": _no_merges_in_empty_stages,
    "the first stage adds the edges of all stages": _all_edges_in_stage_0,
    "each stage adds the edges of all earlier stages once more": _earlier_edges_again_in_each_stage,
    "edges of affinity 0 are left out": _without_zero_affinities,
    "counts are ignored, so that every edge is one pixel edge": _without_counts,
}
"""For each misreading of any problem, by its description: the function that changes the problem so."""

GRID_MISREADINGS: Mapping[str, Callable[[MergeProblem], MergeProblem]] = {
    "the mask is ignored": _without_mask,
    "components of offsets lose their sign": _offsets_without_signs,
    "affinities[k, p] is read as the edge to p - offset[k]": _negated_offsets,
    "the components of offsets are read in reverse order": _offsets_with_reversed_axes,
    "the affinity of an edge is read at p + offset[k], not at p": _affinities_of_the_other_end,
}
"""The misreadings of grids."""
