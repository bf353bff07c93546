"""Write vertices, edges, thresholds and whole problems in the words of explanations."""

from collections.abc import Iterable, Sequence

import numpy as np

from merge_impls.conformance.literal import Decision, Pair
from merge_impls.fixed_point_affinities import ONE
from merge_impls.problem import MergeProblem
from merge_impls.text import format_float32

MAX_LISTED_EDGES = 40
"""The most edges that are listed one by one."""

MAX_LISTED_ITEMS = 6
"""The most items that are listed in one line."""


def listed(things: Iterable[object]) -> str:
    """Join the first few items with commas; if some are left out, add how many there are in all."""
    words = [str(thing) for thing in things]
    shown = words[:MAX_LISTED_ITEMS]
    return ", ".join(shown) + (
        f", ... ({len(words)} in all)" if len(words) > MAX_LISTED_ITEMS else ""
    )


def vertex(problem: MergeProblem, name: int) -> str:
    """Write a vertex as its number and, in a grid, the index of its pixel: "5 [1, 2]"."""
    if not problem.is_grid or not 0 <= name < problem.num_vertices:
        return str(name)
    index = np.unravel_index(name, problem.shape)
    return f"{name} [{', '.join(str(int(i)) for i in index)}]"


def pair_of(problem: MergeProblem, pair: Pair) -> str:
    """Write both ends of an edge: "(2, 5)" or, in a grid, "(2 [0, 2], 5 [1, 2])"."""
    return f"({vertex(problem, pair[0])}, {vertex(problem, pair[1])})"


def threshold_of(decision: Decision) -> str:
    """Write the threshold of a stage: "R = 0.3 of stage 0"."""
    return f"R = {format_float32(decision.threshold)} of stage {decision.stage}"


def members(decision: Decision, pairs: Sequence[Pair]) -> list[str]:
    """Return one line that lists the vertices of each super-vertex of ``pairs``; none if each has one."""
    members_of = []
    for name in dict.fromkeys(name for pair in pairs for name in pair):
        vertices = [v for v, its_name in enumerate(decision.names) if its_name == name]
        if len(vertices) > 1:
            members_of.append(f"{name} stands for {{{listed(vertices)}}}")
    if not members_of:
        return []
    return [f"A super-vertex is named by its smallest vertex: {'; '.join(members_of)}."]


def summary_line(problem: MergeProblem) -> str:
    """Describe form, size, linkage and thresholds of a problem in one line."""
    edges = len(problem.edge_arrays()[0])
    form = _counted(problem.num_vertices, "vertex", "vertices")
    if problem.mask is not None:
        size = " x ".join(map(str, problem.shape))
        form = f"a {size} grid, {int(problem.mask.sum())} of {problem.num_vertices} pixels inside"
    limits = ", ".join(f"{limit:.6g}" for limit in problem.thresholds.tolist())
    word = "threshold" if len(problem.thresholds) == 1 else "thresholds"
    joined = _counted(edges, "edge", "edges")
    return f"{form}, {joined}, linkage {problem.linkage}, {word} {limits}"


def _counted(number: int, one: str, several: str) -> str:
    return f"{number} {one if number == 1 else several}"


def describe(problem: MergeProblem) -> str:
    """Describe a problem: the summary line and, if there are few edges, a line for each edge.

    Vertices of a grid are written as raster indices.
    """
    u, v, q, stages = problem.edge_arrays()
    lines = [summary_line(problem)]
    if len(u) > MAX_LISTED_EDGES:
        return lines[0]
    for stage in np.unique(stages).tolist():
        lines.append(f"stage {stage}, threshold {problem.thresholds[stage]:.6g}:")
        for k in np.flatnonzero(stages == stage).tolist():
            lines.append(f"  ({u[k]}, {v[k]})  {q[k] / ONE:.6g} = {q[k]} / {ONE}")
    return "\n".join(lines)
