"""Mutants that each break one rule of the contract."""

from dataclasses import replace

import numpy as np
from example_backend.merge import Edge, Merge
from numpy.lib.stride_tricks import as_strided

from mutants import mutant


@mutant
class reversed_tie_rule(Merge):
    """Of equally heavy edges, the one with the smallest vertices merges first."""

    def rank(self, weight, a, b):
        return weight, -min(a, b), -max(a, b)


@mutant
class tie_rule_by_larger_name(Merge):
    """Of equally heavy edges, the one whose larger vertex is largest merges first."""

    def rank(self, weight, a, b):
        return weight, max(a, b), min(a, b)


@mutant
class needs_more_than_threshold(Merge):
    """An edge whose weight equals the threshold is not merged."""

    def reaches_threshold(self, weight, threshold):
        return weight > threshold


@mutant
class mean_of_means(Merge):
    """With linkage "average", joined edges weigh the mean of the two weights."""

    def join_edges(self, one, other):
        joined = super().join_edges(one, other)
        if self.problem.linkage == "weighted":
            return joined
        mean = np.float32((one.weight + other.weight) / 2)
        return Edge(joined.total, joined.count, float(mean))


@mutant
class rounds_sum_to_float32(Merge):
    """The sum is rounded to float32 before it is divided."""

    def mean_affinity(self, total, count):
        return float(np.float32(total / 65535) / np.float32(count))


@mutant
class keeps_float64_weights(Merge):
    """With linkage "weighted", the weights of joined edges are not rounded to float32."""

    def join_edges(self, one, other):
        joined = super().join_edges(one, other)
        if self.problem.linkage != "weighted":
            return joined
        return Edge(joined.total, joined.count, (one.weight + other.weight) / 2)


@mutant
class sums_of_32_bits(Merge):
    """Sums are 32-bit integers."""

    def mean_affinity(self, total, count):
        return super().mean_affinity((total + 2**31) % 2**32 - 2**31, count)


@mutant
class ignores_linkage(Merge):
    """The linkage is always "average"."""

    def __init__(self, problem):
        super().__init__(problem.replace(linkage="average"))


@mutant
class drops_inherited_edges(Merge):
    """When b merges into a, the edges that only b had are dropped."""

    def contract_edge(self, a, b):
        for k in self.edges[b].keys() - self.edges[a].keys() - {a}:
            del self.edges[b][k], self.edges[k][b]
            self.update_best_edge(k)
        super().contract_edge(a, b)


@mutant
class counts_second_edge_twice(Merge):
    """When two edges are joined, the second counts twice."""

    def join_edges(self, one, other):
        return super().join_edges(super().join_edges(one, other), other)


@mutant
class adds_stages_again(Merge):
    """Each stage adds the edges of all earlier stages once more."""

    def add_stage_edges(self, stage):
        for earlier in range(stage + 1):
            super().add_stage_edges(earlier)


@mutant
class drops_earlier_stages(Merge):
    """When a stage begins, the edges of earlier stages are dropped."""

    def add_stage_edges(self, stage):
        self.edges = {a: {} for a in self.edges}
        super().add_stage_edges(stage)


@mutant
class skips_empty_stages(Merge):
    """A stage without edges of its own merges nothing."""

    def add_stage_edges(self, stage):
        super().add_stage_edges(stage)
        if stage not in self.problem.stages:
            self.best_edges = {}


@mutant
class thresholds_only_fall(Merge):
    """A threshold that is higher than the one before is lowered to it."""

    def __init__(self, problem):
        super().__init__(problem.replace(thresholds=np.minimum.accumulate(problem.thresholds)))


@mutant
class drops_edges_of_zeros(Merge):
    """Edges whose pixel edges all have affinity 0 are dropped."""

    def affinities_between(self, stage):
        return {pair: qs for pair, qs in super().affinities_between(stage).items() if any(qs)}


@mutant
class ignores_mask(Merge):
    """The mask is ignored: every pixel is foreground."""

    def __init__(self, problem):
        if problem.is_grid:
            problem = problem.replace(mask=np.ones(problem.shape, np.bool_))
        super().__init__(problem)


@mutant
class ignores_offset_signs(Merge):
    """Negative components of offsets become positive."""

    def __init__(self, problem):
        if problem.is_grid:
            problem = replace(problem, offsets=np.abs(problem.offsets))
        super().__init__(problem)


@mutant
class ignores_strides(Merge):
    """Affinities are read as if the array were contiguous in memory."""

    def __init__(self, problem):
        strides = np.empty(problem.affinities.shape, np.uint16).strides
        super().__init__(
            replace(problem, affinities=as_strided(problem.affinities, strides=strides))
        )
