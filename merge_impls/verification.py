"""Whether a result contradicts its problem or itself; whether it is the right one is not asked."""

import numpy as np

from merge_impls.problem import MergeProblem


def labels_fault(problem: MergeProblem, labels: np.ndarray) -> str:
    """What is wrong with integer labels as labels of ``problem``, "" if nothing is."""
    if labels.shape != problem.shape or labels.dtype.kind not in "iu":
        return f"labels are {labels.dtype} {labels.shape}; expected int32 {problem.shape}"
    flat = labels.ravel()
    inside = problem.mask.ravel() if problem.is_grid else np.ones(flat.shape, np.bool_)
    fault = _first(flat, flat < 0, "labels start at 0")
    fault = fault or _first(flat, (flat != 0) & ~inside, "it lies outside the mask and must be 0")
    fault = fault or _first(flat, (flat == 0) & inside, "every vertex needs a segment, at least 1")
    # Numbered by first vertex, a label is at most one more than all before it.
    highest = np.maximum.accumulate(flat[inside])
    early = np.zeros(flat.shape, np.bool_)
    early[inside] = flat[inside] > np.append(0, highest[:-1]) + 1
    rule = "segments are numbered 1, 2, ... in raster order of their first vertex"
    return fault or _first(flat, early, rule)


def _first(flat: np.ndarray, bad: np.ndarray, rule: str) -> str:
    if not bad.any():
        return ""
    vertex = int(np.argmax(bad))
    return f"vertex {vertex} has label {flat[vertex]}; {rule}"


def form_fault(name: str, got: np.ndarray, dtype: np.dtype, length: int, of: str) -> str:
    """What is wrong with the dtype or the length of a row of values, "" if nothing is."""
    if got.dtype != dtype or got.ndim != 1:
        kind = "HISTORY_DTYPE" if dtype.names else dtype.name
        return f"{name} has dtype {got.dtype} and shape {got.shape}; expected {kind}, 1-D"
    if len(got) != length:
        return f"{name} has length {len(got)}; {of} {length}"
    return ""


def value_fault(name: str, got: np.ndarray, expected: np.ndarray, rule: str) -> str:
    """The first value that is not the one that follows from the labels, "" if there is none."""
    different = got != expected
    if not different.any():
        return ""
    at = int(np.argmax(different))
    return f"{name}[{at}] is {got[at].item()!r}; {expected[at].item()!r} {rule}"


def history_fault(problem: MergeProblem, history: np.ndarray, labels: np.ndarray) -> str:
    """The first merge that cannot have been, or the first vertex that it leaves elsewhere."""
    parents = list(range(problem.num_vertices))
    before = (-1, 0.0, 0, 0)
    for row, (stage, a, b, weight) in enumerate(history.tolist()):
        fault = _merge_fault(problem, parents, before, (stage, a, b, weight))
        if fault:
            return f"history[{row}] is stage {stage} ({a}, {b}) at {weight:.9g}; {fault}"
        parents[b] = a
        before = (stage, weight, a, b)
    flat = labels.ravel()
    for vertex, parent in enumerate(parents):
        # A parent is smaller than its child, so its own has been looked up by now.
        parents[vertex] = parents[parent]
        if flat[vertex] != flat[parents[vertex]]:
            return f"labels put vertex {vertex} elsewhere than history, with {parents[vertex]}"
    return ""


def _merge_fault(
    problem: MergeProblem, parents: list[int], before: tuple, now: tuple[int, int, int, float]
) -> str:
    stage, a, b, weight = now
    if not (0 <= a < b < problem.num_vertices and 0 <= stage < len(problem.thresholds)):
        return "names are vertices a < b, and stages those of the thresholds"
    if problem.is_grid and not (problem.mask.flat[a] and problem.mask.flat[b]):
        return "only vertices inside the mask are merged"
    if parents[a] != a or parents[b] != b:
        return "a super-vertex is named by the smallest vertex in it, until it goes into another"
    if not weight >= problem.thresholds[stage]:
        return f"the threshold of its stage is {problem.thresholds[stage]:.9g}"
    if weight > 1:
        return "a mean of affinities is at most 1"
    if stage < before[0] or (stage == before[0] and (weight, a, b) >= before[1:]):
        return "stages rise, and within one (weight, a, b) falls"
    return ""
