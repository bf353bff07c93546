"""Problems to merge, with their expected results and facts such as the number of ties."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from benchmarks.parameters import SPEED
from merge_impls import MergeProblem, MergeResult
from merge_impls.isolation import MeasuredMerge, Worker
from merge_impls.machine import usable_core_numbers


@dataclass(frozen=True)
class MergedProblem:
    """A problem; its expected result and its facts are computed when they are first used."""

    problem: MergeProblem

    @cached_property
    def expected(self) -> MeasuredMerge:
        """The result of the baseline, with time and peak memory."""
        return merge_in_worker(self.problem, SPEED.reference)

    @cached_property
    def facts(self) -> dict[str, int | float]:
        """The facts that a benchmark stores about its problem; shares are between 0 and 1."""
        return {
            "edges": self.problem.count_edges(),
            "merges": len(self.expected.result.history),
            "foreground_share": float(self.problem.mask.mean()),
            "tied_edges_share": tied_edges_share(self.problem),
            "tied_merges_share": tied_merges_share(self.expected.result),
        }


def merge_in_worker(problem: MergeProblem, backend: str, threads: int = 1) -> MeasuredMerge:
    """Merge once in a new process, so that its peak memory does not depend on earlier merges.

    Raises ``BackendFailed``.
    """
    with Worker(backend, threads, core=max(usable_core_numbers())) as worker:
        return worker.merge(problem)


def tied_edges_share(problem: MergeProblem) -> float:
    """The share of pixel edges whose affinity another edge of the same stage has; 0 without edges."""
    counts = np.zeros((len(problem.thresholds), 2**16), np.int64)
    for stage, of_stage in enumerate(counts):
        for _, _, q in problem.edge_blocks(stage):
            of_stage += np.bincount(q, minlength=2**16)
    return _share_of_repeated(counts)


def tied_merges_share(result: MergeResult) -> float:
    """The share of merges whose weight another merge of the same stage has; 0 without merges."""
    return _share_of_repeated(np.unique(result.history[["stage", "weight"]], return_counts=True)[1])


def _share_of_repeated(counts: np.ndarray) -> float:
    """The share of items whose value occurs at least twice; counts: how often each value occurs."""
    return float(counts[counts > 1].sum() / max(1, counts.sum()))
