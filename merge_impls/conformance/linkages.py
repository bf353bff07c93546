"""The linkages of the literal merge, and the words in which explanations describe them.

The reference backend has its own code for linkages: the kit compares it with the literal merge, and
shared code would hide a mistake in it. Explanations use this module, because they describe how the
literal merge came to a weight.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar, Protocol, TypeAlias

import numpy as np

from merge_impls.fixed_point_affinities import ONE
from merge_impls.text import format_float32

Weight: TypeAlias = float | np.float32


class WeighedEdge(Protocol):
    """A super-edge: its weight, and the sum of q over its ``count`` pixel edges."""

    @property
    def total(self) -> int: ...
    @property
    def count(self) -> int: ...
    @property
    def weight(self) -> Weight: ...


@dataclass(frozen=True)
class Arithmetic:
    """How a total is divided by a count, and how the mean of two weights is taken."""

    divide: Callable[[int, int], Weight]
    mean: Callable[[Weight, Weight], Weight]


def _divide(total: int, count: int) -> np.float32:
    return np.float32(total / (ONE * count))


def _mean(x: Weight, y: Weight) -> np.float32:
    return (np.float32(x) + np.float32(y)) * np.float32(0.5)


def exact_division(total: int, count: int) -> float:
    """The division in float64, without rounding to float32."""
    return total / (ONE * count)


def exact_mean(x: Weight, y: Weight) -> float:
    """The mean in float64, without rounding to float32."""
    return (float(x) + float(y)) / 2


CONTRACT = Arithmetic(_divide, _mean)
EXACT = Arithmetic(exact_division, exact_mean)


class Linkage(ABC):
    """How an edge comes to its weight, in numbers and in words.

    claim: one sentence on the weights of a backend that computes this linkage.
    unrounded: the arithmetic of this linkage without rounding between its steps.
    """

    name: ClassVar[str]
    claim: ClassVar[str]
    unrounded: ClassVar[Arithmetic] = EXACT

    @abstractmethod
    def pool(self, qs: Sequence[int], by: Arithmetic = CONTRACT) -> Weight:
        """Compute the weight of the edge that the pixel edges of a stage between two vertices become."""

    @abstractmethod
    def join(self, x: WeighedEdge, y: WeighedEdge, by: Arithmetic = CONTRACT) -> Weight:
        """Compute the weight of the edge that two edges become."""

    @abstractmethod
    def pool_words(self, edge: WeighedEdge) -> str:
        """Describe how several pooled pixel edges give the weight of ``edge``."""

    @abstractmethod
    def join_words(self, edge: WeighedEdge, x: WeighedEdge, y: WeighedEdge) -> str:
        """Describe how the joined edges ``x`` and ``y`` give the weight of ``edge``."""

    def weight_as_fraction(self, edge: WeighedEdge) -> str:
        """Write the weight as a fraction, if total, count and weight of the edge suffice; else ""."""
        return ""


class Average(Linkage):
    """The mean over all pixel edges."""

    name = "average"
    claim = "two joined edges weigh the mean of all their pixel edges"

    def pool(self, qs: Sequence[int], by: Arithmetic = CONTRACT) -> Weight:
        return by.divide(sum(qs), len(qs))

    def join(self, x: WeighedEdge, y: WeighedEdge, by: Arithmetic = CONTRACT) -> Weight:
        return by.divide(x.total + y.total, x.count + y.count)

    def pool_words(self, edge: WeighedEdge) -> str:
        return f"pooled: {_fraction(edge)}"

    def join_words(self, edge: WeighedEdge, x: WeighedEdge, y: WeighedEdge) -> str:
        return (
            f"totals and counts add, ({x.total} + {y.total}) / ({ONE} * ({x.count} + {y.count})) "
            f"= {format_float32(edge.weight)}"
        )

    def weight_as_fraction(self, edge: WeighedEdge) -> str:
        return _fraction(edge)


class Weighted(Linkage):
    """Algorithm 1 as printed: the mean of two weights, however many pixel edges each stands for."""

    name = "weighted"
    claim = "two joined edges weigh the mean of their weights"
    # Pooled pixel edges have a float32 weight in any case; only the means of weights are not rounded.
    unrounded = Arithmetic(_divide, exact_mean)

    def pool(self, qs: Sequence[int], by: Arithmetic = CONTRACT) -> Weight:
        return by.divide(sum(qs), len(qs))

    def join(self, x: WeighedEdge, y: WeighedEdge, by: Arithmetic = CONTRACT) -> Weight:
        return by.mean(x.weight, y.weight)

    def pool_words(self, edge: WeighedEdge) -> str:
        return f"pooled: {_fraction(edge)}"

    def join_words(self, edge: WeighedEdge, x: WeighedEdge, y: WeighedEdge) -> str:
        one, other, joined = (format_float32(each.weight) for each in (x, y, edge))
        return f"({one} + {other}) * 0.5 = {joined} in float32"


class Single(Linkage):
    """The heaviest pixel edge."""

    name = "single"
    claim = "an edge weighs as much as the heaviest of its pixel edges"

    def pool(self, qs: Sequence[int], by: Arithmetic = CONTRACT) -> Weight:
        return by.divide(max(qs), 1)

    def join(self, x: WeighedEdge, y: WeighedEdge, by: Arithmetic = CONTRACT) -> Weight:
        return x.weight if x.weight > y.weight else y.weight

    def pool_words(self, edge: WeighedEdge) -> str:
        return f"of which the heaviest counts: {_one_pixel_edge(edge)}"

    def join_words(self, edge: WeighedEdge, x: WeighedEdge, y: WeighedEdge) -> str:
        return f"the heavier of {format_float32(x.weight)} and {format_float32(y.weight)} counts"

    def weight_as_fraction(self, edge: WeighedEdge) -> str:
        return _one_pixel_edge(edge)


class Complete(Linkage):
    """The lightest pixel edge."""

    name = "complete"
    claim = "an edge weighs as much as the lightest of its pixel edges"

    def pool(self, qs: Sequence[int], by: Arithmetic = CONTRACT) -> Weight:
        return by.divide(min(qs), 1)

    def join(self, x: WeighedEdge, y: WeighedEdge, by: Arithmetic = CONTRACT) -> Weight:
        return x.weight if x.weight < y.weight else y.weight

    def pool_words(self, edge: WeighedEdge) -> str:
        return f"of which the lightest counts: {_one_pixel_edge(edge)}"

    def join_words(self, edge: WeighedEdge, x: WeighedEdge, y: WeighedEdge) -> str:
        return f"the lighter of {format_float32(x.weight)} and {format_float32(y.weight)} counts"

    def weight_as_fraction(self, edge: WeighedEdge) -> str:
        return _one_pixel_edge(edge)


def _one_pixel_edge(edge: WeighedEdge) -> str:
    """The weight of an edge that weighs as much as one of its pixel edges: "3 / 65535"."""
    return f"{round(float(edge.weight) * ONE)} / {ONE}"


def _fraction(edge: WeighedEdge) -> str:
    """The mean over the pixel edges of an edge as a division: "3 / (65535 * 2)"."""
    return f"{edge.total} / ({ONE} * {edge.count})"


LINKAGES: dict[str, Linkage] = {
    each.name: each for each in (Average(), Weighted(), Single(), Complete())
}
