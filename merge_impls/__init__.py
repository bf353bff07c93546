"""Exact graph merge for instance segmentation from pixel affinities.

The method is that of Liu et al., "Affinity Derivation and Graph Merge for Instance Segmentation"
(ECCV 2018), sections 3.3 and 3.4. ``merge(MergeProblem.from_grid(...))`` returns labels, sizes,
confidences and the history of merges. Every backend returns the same bits.

The public names are those in ``__all__``. In the following modules, every name without a leading
underscore is public too:

- ``arrays``: names of array types, for annotations
- ``offsets``: the paper's offsets and stages, and the pixels of a grid that an offset joins
- ``fixed_point_affinities``: convert affinities to integers, and thresholds to weights
- ``canonical_affinities``: ``canonical``, and functions that convert only offsets or only stages
- ``problem_from_affinities``: a problem from affinities, with the paper's choices as defaults
- ``label_agreement``: how similar a segmentation is to a reference segmentation
- ``run_comparison``: what has changed between two runs by more than chance
- ``measurement_statistics``: bootstrap intervals, ratios, the noise floor and verdicts
- ``result``: the classes of results, and functions that compute sizes, confidences and labels
- ``merge_tree``: ``linkage_matrix``, ``cut``, and which super-vertex has each vertex after some merges
- ``problem_files``, ``affinity_files``, ``segments_table``, ``file_writing``: reading and writing files
- ``fields``: synthetic street problems, drawn from a seed, with the same bits on every machine
- ``isolation``, ``timing``, ``speed_comparison``, ``machine``: time and compare backends, each in a
  process of its own
- ``argument_checks``, ``text_formats``: checks of arguments, and text formats
- ``conformance``: ``validate``, which checks a backend against CONTRACT.md

All other modules are internal. ``import merge_impls`` loads neither numba, networkx nor hypothesis.
The backends and ``conformance`` import these libraries when they first need them.
"""

from merge_impls.backend import (
    Backend,
    BackendError,
    BackendUnavailable,
    BackendUnsupported,
    MergeFunction,
)
from merge_impls.canonical_affinities import canonical
from merge_impls.compare_results import first_difference
from merge_impls.merge_tree import cut, linkage_matrix
from merge_impls.merging import merge
from merge_impls.problem import MergeProblem
from merge_impls.region_graph import RegionGraph, region_graph
from merge_impls.registry import BackendRecord, backends
from merge_impls.result import HISTORY_DTYPE, CompleteResult, MergeResult

__all__ = [
    "HISTORY_DTYPE",
    "Backend",
    "BackendError",
    "BackendRecord",
    "BackendUnavailable",
    "BackendUnsupported",
    "CompleteResult",
    "MergeFunction",
    "MergeProblem",
    "MergeResult",
    "RegionGraph",
    "backends",
    "canonical",
    "cut",
    "first_difference",
    "linkage_matrix",
    "merge",
    "region_graph",
]
