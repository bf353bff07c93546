"""The linkages of ``literal_merge``: how they compute a weight, and how explanations describe it.

No backend uses this module. The kit compares the backend ``networkx`` with ``literal_merge``; if the
two shared the code of the linkages, a mistake in it would not be found.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar, Protocol, TypeAlias

import numpy as np

from merge_impls.fixed_point_affinities import ONE
from merge_impls.text_formats import format_float32

Weight: TypeAlias = float | np.float32


class WeighedEdge(Protocol):
    """An edge with its weight, the number ``count`` of its pixel edges, and the sum ``total`` of their q."""

    @property
    def total(self) -> int:
        """The sum of the affinities q of the pixel edges."""

    @property
    def count(self) -> int:
        """The number of pixel edges."""

    @property
    def weight(self) -> Weight:
        """The weight of the edge."""


class PooledEdge(Protocol):
    """A pixel edge that a stage adds or, in an edge with a count, several of them.

    q: its affinity; of several, the mean, the largest (single) or the smallest (complete).
    total, count: the sum of the affinities of the pixel edges, and their number.
    """

    @property
    def q(self) -> int:
        """The affinity."""

    @property
    def total(self) -> int:
        """The sum of the affinities of the pixel edges."""

    @property
    def count(self) -> int:
        """The number of pixel edges."""


def sum_of_edges(edges: Iterable[PooledEdge]) -> tuple[int, int]:
    """The sum of the affinities of all pixel edges, and their number."""
    totals, counts = zip((0, 0), *((edge.total, edge.count) for edge in edges), strict=True)
    return sum(totals), sum(counts)


@dataclass(frozen=True)
class Arithmetic:
    """The two operations on weights, with or without rounding to float32.

    divide: the mean affinity, from the sum of q over some pixel edges and their number.
    mean: the mean of two weights.
    """

    divide: Callable[[int, int], Weight]
    mean: Callable[[Weight, Weight], Weight]


def _rounded_division(total: int, count: int) -> np.float32:
    """The division in float64, rounded once to float32."""
    return np.float32(total / (ONE * count))


def _rounded_mean(x: Weight, y: Weight) -> np.float32:
    """The mean in float32."""
    return (np.float32(x) + np.float32(y)) * np.float32(0.5)


def exact_division(total: int, count: int) -> float:
    """The division in float64, without rounding to float32."""
    return total / (ONE * count)


def exact_mean(x: Weight, y: Weight) -> float:
    """The mean in float64, without rounding to float32."""
    return (float(x) + float(y)) / 2


CONTRACT = Arithmetic(_rounded_division, _rounded_mean)
"""The arithmetic that CONTRACT.md requires."""

EXACT = Arithmetic(exact_division, exact_mean)
"""The same operations without rounding to float32."""


class Linkage(ABC):
    """How the weight of an edge is computed, and how the computation is described in words.

    claim: one sentence that describes the weights of this linkage.
    unrounded: the arithmetic in which nothing is rounded to float32 after a join.
    """

    name: ClassVar[str]
    claim: ClassVar[str]
    unrounded: ClassVar[Arithmetic] = EXACT

    @abstractmethod
    def pooled_weight(self, edges: Sequence[PooledEdge], by: Arithmetic = CONTRACT) -> Weight:
        """Compute the weight of a new edge from its pixel edges."""

    @abstractmethod
    def joined_weight(self, x: WeighedEdge, y: WeighedEdge, by: Arithmetic = CONTRACT) -> Weight:
        """Compute the weight of the edge into which the edges ``x`` and ``y`` are joined."""

    @abstractmethod
    def pool_words(self, edge: WeighedEdge) -> str:
        """Describe how the weight of ``edge`` is computed from its pooled pixel edges."""

    @abstractmethod
    def join_words(self, edge: WeighedEdge, x: WeighedEdge, y: WeighedEdge) -> str:
        """Describe how the weight of ``edge`` is computed from the edges ``x`` and ``y``, which it joins."""

    def weight_as_fraction(self, edge: WeighedEdge) -> str:
        """The weight as a fraction, such as "3 / (65535 * 2)"; "" if the linkage has no such fraction."""
        return ""


class Average(Linkage):
    """The weight is the mean over all pixel edges."""

    name = "average"
    claim = "two joined edges weigh the mean of all their pixel edges"

    def pooled_weight(self, edges: Sequence[PooledEdge], by: Arithmetic = CONTRACT) -> Weight:
        """The mean of the affinities."""
        return by.divide(*sum_of_edges(edges))

    def joined_weight(self, x: WeighedEdge, y: WeighedEdge, by: Arithmetic = CONTRACT) -> Weight:
        """The mean of the pixel edges of both."""
        return by.divide(x.total + y.total, x.count + y.count)

    def pool_words(self, edge: WeighedEdge) -> str:
        """The total and the count as a fraction."""
        return f"pooled: {_mean_fraction(edge)}"

    def join_words(self, edge: WeighedEdge, x: WeighedEdge, y: WeighedEdge) -> str:
        """The added totals and counts as a fraction."""
        return (
            f"totals and counts are added, ({x.total} + {y.total}) / ({ONE} * ({x.count} + {y.count})) "
            f"= {format_float32(edge.weight)}"
        )

    def weight_as_fraction(self, edge: WeighedEdge) -> str:
        """The total and the count as a fraction."""
        return _mean_fraction(edge)


class Weighted(Linkage):
    """Algorithm 1 as printed: a joined edge weighs the mean of the two weights, whatever the counts."""

    name = "weighted"
    claim = "two joined edges weigh the mean of their weights"
    # Only means of weights are left unrounded: Algorithm 1 starts from pixel edges with float32 weights.
    unrounded = Arithmetic(_rounded_division, exact_mean)

    def pooled_weight(self, edges: Sequence[PooledEdge], by: Arithmetic = CONTRACT) -> Weight:
        """The mean of the affinities."""
        return by.divide(*sum_of_edges(edges))

    def joined_weight(self, x: WeighedEdge, y: WeighedEdge, by: Arithmetic = CONTRACT) -> Weight:
        """The mean of both weights."""
        return by.mean(x.weight, y.weight)

    def pool_words(self, edge: WeighedEdge) -> str:
        """The total and the count as a fraction."""
        return f"pooled: {_mean_fraction(edge)}"

    def join_words(self, edge: WeighedEdge, x: WeighedEdge, y: WeighedEdge) -> str:
        """The mean of both weights as a formula."""
        one, other, joined = (format_float32(each.weight) for each in (x, y, edge))
        return f"({one} + {other}) * 0.5 = {joined} in float32"


class Single(Linkage):
    """The weight is that of the heaviest pixel edge."""

    name = "single"
    claim = "an edge weighs as much as the heaviest of its pixel edges"

    def pooled_weight(self, edges: Sequence[PooledEdge], by: Arithmetic = CONTRACT) -> Weight:
        """The weight of the largest affinity."""
        return by.divide(max(edge.q for edge in edges), 1)

    def joined_weight(self, x: WeighedEdge, y: WeighedEdge, by: Arithmetic = CONTRACT) -> Weight:
        """The larger weight."""
        return x.weight if x.weight > y.weight else y.weight

    def pool_words(self, edge: WeighedEdge) -> str:
        """The largest affinity as a fraction."""
        return f"of which the heaviest counts: {_affinity_fraction(edge)}"

    def join_words(self, edge: WeighedEdge, x: WeighedEdge, y: WeighedEdge) -> str:
        """Both weights, of which the larger one counts."""
        return f"the heavier of {format_float32(x.weight)} and {format_float32(y.weight)} counts"

    def weight_as_fraction(self, edge: WeighedEdge) -> str:
        """The affinity as a fraction."""
        return _affinity_fraction(edge)


class Complete(Linkage):
    """The weight is that of the lightest pixel edge."""

    name = "complete"
    claim = "an edge weighs as much as the lightest of its pixel edges"

    def pooled_weight(self, edges: Sequence[PooledEdge], by: Arithmetic = CONTRACT) -> Weight:
        """The weight of the smallest affinity."""
        return by.divide(min(edge.q for edge in edges), 1)

    def joined_weight(self, x: WeighedEdge, y: WeighedEdge, by: Arithmetic = CONTRACT) -> Weight:
        """The smaller weight."""
        return x.weight if x.weight < y.weight else y.weight

    def pool_words(self, edge: WeighedEdge) -> str:
        """The smallest affinity as a fraction."""
        return f"of which the lightest counts: {_affinity_fraction(edge)}"

    def join_words(self, edge: WeighedEdge, x: WeighedEdge, y: WeighedEdge) -> str:
        """Both weights, of which the smaller one counts."""
        return f"the lighter of {format_float32(x.weight)} and {format_float32(y.weight)} counts"

    def weight_as_fraction(self, edge: WeighedEdge) -> str:
        """The affinity as a fraction."""
        return _affinity_fraction(edge)


def _affinity_fraction(edge: WeighedEdge) -> str:
    """The weight as a fixed-point affinity, such as "3 / 65535"; for weights of a single pixel edge."""
    return f"{round(float(edge.weight) * ONE)} / {ONE}"


def _mean_fraction(edge: WeighedEdge) -> str:
    """The mean over all pixel edges as a fraction, such as "3 / (65535 * 2)"."""
    return f"{edge.total} / ({ONE} * {edge.count})"


LINKAGES: dict[str, Linkage] = {
    each.name: each for each in (Average(), Weighted(), Single(), Complete())
}
