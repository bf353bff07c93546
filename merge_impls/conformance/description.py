"""A problem in words; a small one so that it could be merged by hand."""

import numpy as np

from merge_impls.fixed_point import ONE
from merge_impls.problem import MergeProblem

MOST_EDGES = 40
"""What is listed one by one; more than that nobody reads."""


def headline(problem: MergeProblem) -> str:
    """Form, size, linkage and thresholds in one line."""
    edges = len(problem.edge_arrays()[0])
    form = _counted(problem.num_vertices, "vertex", "vertices")
    if problem.is_grid:
        size = " x ".join(map(str, problem.shape))
        form = f"a {size} grid, {int(problem.mask.sum())} of {problem.num_vertices} pixels inside"
    limits = ", ".join(f"{limit:.6g}" for limit in problem.thresholds.tolist())
    word = "threshold" if len(problem.thresholds) == 1 else "thresholds"
    joined = _counted(edges, "edge", "edges")
    return f"{form}, {joined}, linkage {problem.linkage}, {word} {limits}"


def _counted(number: int, one: str, several: str) -> str:
    return f"{number} {one if number == 1 else several}"


def described(problem: MergeProblem) -> str:
    """The headline and, if there are few, every edge; vertices are raster indices in a grid."""
    u, v, q, stages = problem.edge_arrays()
    lines = [headline(problem)]
    if len(u) > MOST_EDGES:
        return lines[0]
    for stage in np.unique(stages).tolist():
        lines.append(f"stage {stage}, threshold {problem.thresholds[stage]:.6g}:")
        for k in np.flatnonzero(stages == stage).tolist():
            lines.append(f"  ({u[k]}, {v[k]})  {q[k] / ONE:.6g} = {q[k]} / {ONE}")
    return "\n".join(lines)
