"""A problem to merge, its expected result, and what makes it easy or hard."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from benchmarks.parameters import SPEED
from merge_impls import MergeProblem, MergeResult
from merge_impls.isolation import Answer, Worker
from merge_impls.machine import usable_cores


@dataclass(frozen=True)
class MergedProblem:
    """A problem, with its expected result and its facts, which are computed when first used."""

    problem: MergeProblem

    @cached_property
    def expected(self) -> Answer:
        """The baseline's answer."""
        return merge_in_worker(self.problem, SPEED.baseline)

    @cached_property
    def facts(self) -> dict[str, int | float]:
        """What a benchmark stores about its problem; shares are in 0..1."""
        return {
            "edges": self.problem.count_edges(),
            "merges": len(self.expected.result.history),
            "foreground_share": float(self.problem.mask.mean()),
            "tied_edges_share": tied_edges(self.problem),
            "tied_merges_share": tied_merges(self.expected.result),
        }


def merge_in_worker(problem: MergeProblem, backend: str, threads: int = 1) -> Answer:
    """Merge once in a new process: memory that earlier merges freed cannot hide what this one takes.

    Raises ``BackendFailed``.
    """
    with Worker(backend, threads, core=max(usable_cores())) as worker:
        return worker.merge(problem)


def tied_edges(problem: MergeProblem) -> float:
    """The share of pixel edges whose affinity occurs again in the same stage; 0 without edges."""
    counts = np.zeros((len(problem.thresholds), 2**16), np.int64)
    for stage, of_stage in enumerate(counts):
        for _, _, q in problem.edge_blocks(stage):
            of_stage += np.bincount(q, minlength=2**16)
    return _tied_share(counts)


def tied_merges(result: MergeResult) -> float:
    """The share of merges whose weight occurs again in the same stage; 0 without merges."""
    return _tied_share(np.unique(result.history[["stage", "weight"]], return_counts=True)[1])


def _tied_share(counts: np.ndarray) -> float:
    """The share of what occurs at least twice; counts: how often each value occurs."""
    return float(counts[counts > 1].sum() / max(1, counts.sum()))
