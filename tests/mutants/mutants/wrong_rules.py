"""Mutants in which one rule of the contract is broken."""

from dataclasses import replace

import numpy as np
from example_backend.merge import Edge, Merge
from numpy.lib.stride_tricks import as_strided

from mutants import mutant


@mutant
class tie_rule(Merge):
    """Of equally heavy edges the one with the smallest ends goes first."""

    def rank(self, weight, a, b):
        return weight, -min(a, b), -max(a, b)


@mutant
class tie_rule_larger_end(Merge):
    """Of equally heavy edges the one with the larger of the larger names goes first."""

    def rank(self, weight, a, b):
        return weight, max(a, b), min(a, b)


@mutant
class above_threshold(Merge):
    """An edge must weigh more than the threshold."""

    def reaches(self, weight, threshold):
        return weight > threshold


@mutant
class mean_of_means(Merge):
    """Under "average", two edges that become one weigh the mean of their means."""

    def joined(self, one, other):
        joined = super().joined(one, other)
        if self.problem.linkage == "weighted":
            return joined
        mean = np.float32((one.weight + other.weight) / 2)
        return Edge(joined.total, joined.count, float(mean))


@mutant
class rounds_first(Merge):
    """The sum is rounded to float32 before it is divided."""

    def pooled(self, total, count):
        return float(np.float32(total / 65535) / np.float32(count))


@mutant
class rounds_too_late(Merge):
    """Under "weighted", weights are float64."""

    def joined(self, one, other):
        joined = super().joined(one, other)
        if self.problem.linkage != "weighted":
            return joined
        return Edge(joined.total, joined.count, (one.weight + other.weight) / 2)


@mutant
class overflows(Merge):
    """Sums are 32-bit integers."""

    def pooled(self, total, count):
        return super().pooled((total + 2**31) % 2**32 - 2**31, count)


@mutant
class one_linkage(Merge):
    """Takes every linkage for "average"."""

    def __init__(self, problem):
        super().__init__(problem.replace(linkage="average"))


@mutant
class forgets_inherited(Merge):
    """Of a merge's two ends, the edges that only the second one had are dropped."""

    def contract_edge(self, a, b):
        for k in self.edges[b].keys() - self.edges[a].keys() - {a}:
            del self.edges[b][k], self.edges[k][b]
            self.find_best(k)
        super().contract_edge(a, b)


@mutant
class counts_twice(Merge):
    """Of two edges that become one, the second counts twice."""

    def joined(self, one, other):
        return super().joined(super().joined(one, other), other)


@mutant
class adds_stages_again(Merge):
    """Each stage adds the edges of all earlier ones once more."""

    def add_edges(self, stage):
        for earlier in range(stage + 1):
            super().add_edges(earlier)


@mutant
class drops_earlier_stages(Merge):
    """Edges of earlier stages are gone when a new one begins."""

    def add_edges(self, stage):
        self.edges = {a: {} for a in self.edges}
        super().add_edges(stage)


@mutant
class skips_empty_stages(Merge):
    """A stage without edges of its own merges nothing."""

    def add_edges(self, stage):
        super().add_edges(stage)
        if stage not in self.problem.stages:
            self.best = {}


@mutant
class thresholds_only_fall(Merge):
    """A threshold above the one before it counts as equal to it."""

    def __init__(self, problem):
        super().__init__(problem.replace(thresholds=np.minimum.accumulate(problem.thresholds)))


@mutant
class zero_is_no_edge(Merge):
    """Where all affinities between two super-vertices are 0, there is no edge."""

    def pools(self, stage):
        return {pair: qs for pair, qs in super().pools(stage).items() if any(qs)}


@mutant
class ignores_mask(Merge):
    """Every pixel is foreground."""

    def __init__(self, problem):
        if problem.is_grid:
            problem = problem.replace(mask=np.ones(problem.shape, np.bool_))
        super().__init__(problem)


@mutant
class offset_signs(Merge):
    """A step to the left counts as one to the right."""

    def __init__(self, problem):
        if problem.is_grid:
            problem = replace(problem, offsets=np.abs(problem.offsets))
        super().__init__(problem)


@mutant
class layout(Merge):
    """Affinities are read as if the array were contiguous."""

    def __init__(self, problem):
        strides = np.empty(problem.affinities.shape, np.uint16).strides
        super().__init__(
            replace(problem, affinities=as_strided(problem.affinities, strides=strides))
        )
