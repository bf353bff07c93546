"""Exact graph merge for instance segmentation from pixel affinities.

Liu et al., "Affinity Derivation and Graph Merge for Instance Segmentation" (ECCV 2018), sections
3.3 and 3.4. ``merge(MergeProblem.from_grid(...))`` gives labels, sizes, confidences and the history
of merges; every backend gives the same bits.
"""

from merge_impls.backend import (
    Backend,
    BackendError,
    BackendUnavailable,
    BackendUnsupported,
)
from merge_impls.canonical_form import canonical
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
    "MergeProblem",
    "MergeResult",
    "backends",
    "canonical",
    "first_difference",
    "merge",
]
