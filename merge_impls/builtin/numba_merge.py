"""The backend ``numba``: numpy pools the edges that a stage adds, a compiled kernel merges them.

Inside, vertices are numbered 0..n-1 over the foreground in raster order, so that comparing two
numbers is comparing two names.
"""

from dataclasses import dataclass

import numpy as np

from merge_impls.fixed_point import ONE
from merge_impls.problem import MergeProblem
from merge_impls.result import HISTORY_DTYPE, MergeResult, number_segments

try:
    from merge_impls.builtin.numba_kernel import NONE, Graph, merge_stage
except RuntimeError as error:
    if "no locator" not in str(error):
        raise
    hint = "numba finds no folder for its cache; set NUMBA_CACHE_DIR to one that can be written"
    raise ImportError(hint) from error


@dataclass
class SuperEdges:
    """The edges between super-vertices, in ascending order of pairs: int64 arrays, weights float32.

    A pair is smaller name << 32 | larger name.
    """

    pairs: np.ndarray
    totals: np.ndarray
    counts: np.ndarray
    weights: np.ndarray


def merge(problem: MergeProblem) -> MergeResult:
    """The literal greedy loop with a heap and a hash map; one thread."""
    vertices = np.flatnonzero(problem.mask) if problem.is_grid else np.arange(problem.num_vertices)
    number_of = np.full(problem.num_vertices, NONE, np.int64)
    number_of[vertices] = np.arange(len(vertices))
    names = np.arange(len(vertices))
    edges = _pool(np.empty(0, np.int64), np.empty(0, np.uint16))
    history = []
    for stage, threshold in enumerate(problem.thresholds):
        edges = _add(edges, _stage_edges(problem, stage, number_of, names), problem.linkage)
        edges, into, merges, weights = _run(edges, len(vertices), threshold, problem.linkage)
        names = into[names]
        rows = np.empty(len(merges), HISTORY_DTYPE)
        rows["stage"], rows["weight"] = stage, weights
        rows["a"], rows["b"] = vertices[merges].T
        history.append(rows)
    segment_names = np.full(problem.num_vertices, NONE, np.int64)
    segment_names[vertices] = vertices[names]
    return MergeResult(
        labels=number_segments(segment_names, problem.shape), history=np.concatenate(history)
    )


def _pair(u: np.ndarray, v: np.ndarray) -> np.ndarray:
    return (np.minimum(u, v) << 32) | np.maximum(u, v)


def _pooled(totals: np.ndarray, counts: np.ndarray) -> np.ndarray:
    return (totals / (ONE * counts)).astype(np.float32)


def _pool(pairs: np.ndarray, affinities: np.ndarray) -> SuperEdges:
    """Pixel edges with the same ends become one edge."""
    order = np.argsort(pairs, kind="stable")
    pairs = pairs[order]
    starts = np.flatnonzero(np.diff(pairs, prepend=-1))
    totals = np.add.reduceat(affinities[order], starts, dtype=np.int64) if len(pairs) else pairs
    counts = np.diff(starts, append=len(pairs))
    return SuperEdges(pairs[starts], totals, counts, _pooled(totals, counts))


def _stage_edges(
    problem: MergeProblem, stage: int, number_of: np.ndarray, names: np.ndarray
) -> SuperEdges:
    pairs, affinities = [np.empty(0, np.int64)], [np.empty(0, np.uint16)]
    for u, v, q in problem.edge_blocks(stage):
        u, v = names[number_of[u]], names[number_of[v]]
        between = u != v
        pairs.append(_pair(u[between], v[between]))
        affinities.append(q[between])
    return _pool(np.concatenate(pairs), np.concatenate(affinities))


def _add(old: SuperEdges, new: SuperEdges, linkage: str) -> SuperEdges:
    """The edges of earlier stages and those of a new one; a pair that has both gets one edge."""
    pairs = np.union1d(old.pairs, new.pairs)
    at_old, at_new = np.searchsorted(pairs, old.pairs), np.searchsorted(pairs, new.pairs)
    totals, counts = np.zeros((2, len(pairs)), np.int64)
    totals[at_old], counts[at_old] = old.totals, old.counts
    totals[at_new] += new.totals
    counts[at_new] += new.counts
    if linkage == "average":
        return SuperEdges(pairs, totals, counts, _pooled(totals, counts))
    weights = np.full(len(pairs), -1, np.float32)
    weights[at_old] = old.weights
    before = weights[at_new]
    joined = (before + new.weights) * np.float32(0.5)
    weights[at_new] = np.where(before < 0, new.weights, joined)
    return SuperEdges(pairs, totals, counts, weights)


def _run(
    edges: SuperEdges, num_vertices: int, threshold: np.float32, linkage: str
) -> tuple[SuperEdges, np.ndarray, np.ndarray, np.ndarray]:
    """One stage: the edges left, the name that each name went into, the merges, their weights."""
    graph = _graph(edges, num_vertices)
    room = min(num_vertices, len(edges.pairs))
    merges, weights = np.empty((room, 2), np.int64), np.empty(room, np.float32)
    done = merge_stage(graph, threshold, linkage == "average", merges, weights)
    slots = graph.into
    while not np.array_equal(slots, slots[slots]):
        slots = slots[slots]
    alive = np.flatnonzero(graph.ends[:, 0] != NONE)
    pairs = _pair(*graph.name[graph.ends[alive]].T)
    order = np.argsort(pairs, kind="stable")
    alive = alive[order]
    left = SuperEdges(pairs[order], edges.totals[alive], edges.counts[alive], edges.weights[alive])
    return left, graph.name[slots], merges[:done], weights[:done]


def _graph(edges: SuperEdges, num_vertices: int) -> Graph:
    """The kernel's arrays; totals, counts and weights stay those of ``edges``."""
    length = 16
    while length < 2 * len(edges.pairs):
        length *= 2
    ends = np.stack([edges.pairs >> 32, edges.pairs & 0xFFFFFFFF], axis=1)
    return Graph(
        into=np.arange(num_vertices),
        name=np.arange(num_vertices),
        first=np.full(num_vertices, NONE),
        degree=np.zeros(num_vertices, np.int64),
        ends=ends,
        following=np.empty_like(ends),
        previous=np.empty_like(ends),
        totals=edges.totals,
        counts=edges.counts,
        weights=edges.weights,
        weight_bits=edges.weights.view(np.int32),
        pairs=np.full(length, NONE),
        edges=np.empty(length, np.int64),
    )
