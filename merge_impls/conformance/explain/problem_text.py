"""Format vertices, edges, thresholds and whole problems as text for explanations."""

from collections.abc import Iterable, Sequence

import numpy as np

from merge_impls.conformance.literal_merge import DecisionState, Pair, every_pixel_edge
from merge_impls.fixed_point_affinities import ONE
from merge_impls.problem import MergeProblem
from merge_impls.text_formats import format_float32, pluralized

MAX_LISTED_EDGES = 40
"""The largest number of edges that the description of a problem lists."""

MAX_LISTED_ITEMS = 6
"""The largest number of items that are listed in one line."""


def join_first_items(things: Iterable[object]) -> str:
    """Join the first ``MAX_LISTED_ITEMS`` items with commas; if there are more, add their total number."""
    words = [str(thing) for thing in things]
    shown = words[:MAX_LISTED_ITEMS]
    return ", ".join(shown) + (
        f", ... ({len(words)} in all)" if len(words) > MAX_LISTED_ITEMS else ""
    )


def vertex_text(problem: MergeProblem, name: int) -> str:
    """Format a vertex: "5" or, in a grid, with the index of its pixel: "5 [1, 2]"."""
    if not problem.is_grid or not 0 <= name < problem.num_vertices:
        return str(name)
    index = np.unravel_index(name, problem.shape)
    return f"{name} [{', '.join(str(int(i)) for i in index)}]"


def pair_text(problem: MergeProblem, pair: Pair) -> str:
    """Format the two ends of an edge: "(2, 5)" or, in a grid, "(2 [0, 2], 5 [1, 2])"."""
    return f"({vertex_text(problem, pair[0])}, {vertex_text(problem, pair[1])})"


def threshold_text(decision: DecisionState) -> str:
    """Format the threshold R of a stage: "R = 0.3 of stage 0"."""
    return f"R = {format_float32(decision.threshold)} of stage {decision.stage}"


def member_lines(decision: DecisionState, pairs: Sequence[Pair]) -> list[str]:
    """List the vertices of the super-vertices in ``pairs`` in one line; [] if each has only one vertex."""
    descriptions = []
    for name in dict.fromkeys(name for pair in pairs for name in pair):
        vertices = [
            v for v, of_super_vertex in enumerate(decision.names) if of_super_vertex == name
        ]
        if len(vertices) > 1:
            descriptions.append(f"{name} stands for {{{join_first_items(vertices)}}}")
    if not descriptions:
        return []
    return [f"A super-vertex is named by its smallest vertex: {'; '.join(descriptions)}."]


def problem_summary(problem: MergeProblem) -> str:
    """Describe a problem in one line: its form, size, linkage and thresholds."""
    form = pluralized(problem.num_vertices, "vertex", "vertices")
    if problem.mask is not None:
        size = " x ".join(map(str, problem.shape))
        form = f"a {size} grid, {int(problem.mask.sum())} of {problem.num_vertices} pixels inside"
    limits = ", ".join(f"{limit:.6g}" for limit in problem.thresholds.tolist())
    word = "threshold" if len(problem.thresholds) == 1 else "thresholds"
    joined = pluralized(problem.count_edges(), "edge", "edges")
    joined += "" if problem.counts is None else " with counts"
    return f"{form}, {joined}, linkage {problem.linkage}, {word} {limits}"


def describe_problem(problem: MergeProblem) -> str:
    """Describe a problem: the summary and, for at most ``MAX_LISTED_EDGES`` edges, a line for each edge.

    The vertices of a grid are given by their raster indices.
    """
    lines = [problem_summary(problem)]
    if problem.count_edges() > MAX_LISTED_EDGES:
        return lines[0]
    edges = list(every_pixel_edge(problem))
    for stage in sorted({edge.stage for edge in edges}):
        lines.append(f"stage {stage}, threshold {problem.thresholds[stage]:.6g}:")
        for edge in edges:
            if edge.stage == stage:
                counted = f", {edge.sum_text}" if edge.count > 1 else ""
                text = f"{edge.q / ONE:.6g} = {edge.q} / {ONE}{counted}"
                lines.append(f"  ({edge.u}, {edge.v})  {text}")
    return "\n".join(lines)
