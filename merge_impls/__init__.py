"""Exact graph merge for instance segmentation from pixel affinities.

Liu et al., "Affinity Derivation and Graph Merge for Instance Segmentation" (ECCV 2018), sections
3.3 and 3.4. ``merge(MergeProblem.from_grid(...))`` gives labels, sizes, confidences and the history
of merges; every backend gives the same bits.

Public are the names in ``__all__`` and what these modules define without a leading underscore:

- ``arrays``: names of array types, for annotations
- ``offsets``: the paper's offsets and stages, and the parts of a grid that an offset joins
- ``fixed_point_affinities``: affinities as integers, thresholds as weights of edges
- ``canonical_affinities``: besides ``canonical``, the same for offsets or stages alone
- ``problem_from_affinities``: a problem from affinities, with the paper's choices as defaults
- ``result``: labels, sizes and confidences from the segments that a backend has found
- ``problem_files``, ``affinity_files``, ``segments_table``, ``files``: reading and writing
- ``fields``: seeded synthetic street problems, the same bits on every machine
- ``isolation``, ``timing``, ``speed_comparison``, ``machine``: timing and comparing backends, each
  in a process of its own
- ``argument_checks``, ``text``: checks and formats for programs around the merge
- ``conformance``: ``validate``, which checks a backend against CONTRACT.md

All other modules are internal. ``import merge_impls`` loads neither numba, networkx nor hypothesis;
the backends and the conformance kit import them when they are used.
"""

from merge_impls.backend import (
    Backend,
    BackendError,
    BackendUnavailable,
    BackendUnsupported,
    MergeFunction,
)
from merge_impls.canonical_affinities import canonical
from merge_impls.compare import first_difference
from merge_impls.merging import merge
from merge_impls.problem import MergeProblem
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
    "backends",
    "canonical",
    "first_difference",
    "merge",
]
