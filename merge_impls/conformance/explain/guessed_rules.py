"""Guesses at the rule that a backend gets wrong: each wrong rule gives an edge another weight."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import astuple, dataclass, replace
from functools import reduce
from typing import TypeAlias

import numpy as np

from merge_impls.conformance.literal import Inherited, Joined, Pooled, SuperEdge
from merge_impls.fixed_point_affinities import ONE

Weight: TypeAlias = float | np.float32


@dataclass(frozen=True)
class EdgeWeight:
    """An edge by some rules: the sum of q over ``count`` pixel edges, and its weight."""

    total: int
    count: int
    weight: Weight

    def with_weight(self, weight: Weight) -> "EdgeWeight":
        """The same pixel edges with another weight."""
        return replace(self, weight=weight)


@dataclass(frozen=True)
class Rules:
    """How edges come about.

    pool: an edge from the q of a stage's pixel edges.
    add: a stage's edge, second, to the edge that the pair had before.
    join: the edges that both of two merged super-vertices had; the row of that merge comes third.
    inherit: an edge that only the second of them had.
    """

    pool: Callable[[Sequence[int]], EdgeWeight]
    add: Callable[[EdgeWeight, EdgeWeight], EdgeWeight]
    join: Callable[[EdgeWeight, EdgeWeight, int], EdgeWeight]
    inherit: Callable[[EdgeWeight], EdgeWeight]


def guessed_rule_lines(
    edge: SuperEdge, weight: Weight, linkage: str, sizes: Sequence[tuple[int, int]]
) -> list[str]:
    """One line on which wrong rules give an edge exactly this weight; empty if none of these does.

    weight: the backend's, which is wrong. sizes: the numbers of vertices of the two super-vertices
        that each row of the history merged.
    """
    found = [
        words
        for words, rules in _wrong_rules(linkage, sizes).items()
        if np.float32(_recompute(edge, rules).weight) == np.float32(weight)
    ]
    if not found:
        return []
    return [f"{float(weight):.9g} is what comes out if {', or if '.join(found[:2])}."]


def unrounded_weight(edge: SuperEdge, linkage: str) -> float:
    """The weight that an edge has if nothing is ever rounded to float32."""
    return float(_recompute(edge, _in_float64(linkage)).weight)


def _recompute(edge: SuperEdge, rules: Rules) -> EdgeWeight:
    """The edge by other rules, computed from its pixel edges upwards."""
    # Not recursive: an edge may have been inherited more often than Python nests calls.
    known: dict[SuperEdge, EdgeWeight] = {}
    waiting = [edge]
    while waiting:
        unknown = [part for _, part in waiting[-1].made_of if part not in known]
        if unknown:
            waiting += unknown
        else:
            last = waiting.pop()
            known[last] = _step(last, [known[part] for _, part in last.made_of], rules)
    return known[edge]


def _step(edge: SuperEdge, parts: list[EdgeWeight], rules: Rules) -> EdgeWeight:
    match edge.origin:
        case Pooled(_, pool):
            return rules.pool([each.q for each in pool])
        case Inherited():
            return rules.inherit(parts[0])
        case Joined(None, _, _, _):
            return rules.add(parts[0], parts[1])
        case Joined(int(row), _, _, _):
            return rules.join(parts[0], parts[1], row)
    raise AssertionError(f"an edge cannot come from {edge.origin}")


def _wrong_rules(linkage: str, sizes: Sequence[tuple[int, int]]) -> Mapping[str, Rules]:
    """Rules of which one is wrong, by what is wrong; what explains more comes first."""
    return {
        **_other_linkage(linkage),
        **_joining_and_adding(_rules(linkage)),
        **_joining(_rules(linkage), sizes),
        **_adding(_rules(linkage)),
        **_pooling(_rules(linkage)),
        **_arithmetic(linkage),
    }


def _mean(total: int, count: int) -> np.float32:
    return np.float32(total / (ONE * count))


def _rules(linkage: str, weigh: Callable[[int, int], Weight] = _mean) -> Rules:
    """The contract's rules; ``weigh`` divides a total by a count."""

    def joined(x: EdgeWeight, y: EdgeWeight) -> EdgeWeight:
        total, count = x.total + y.total, x.count + y.count
        if linkage == "average":
            return EdgeWeight(total, count, weigh(total, count))
        weight = (np.float32(x.weight) + np.float32(y.weight)) * np.float32(0.5)
        return EdgeWeight(total, count, weight)

    return Rules(
        pool=lambda qs: EdgeWeight(sum(qs), len(qs), weigh(sum(qs), len(qs))),
        add=joined,
        join=lambda x, y, _: joined(x, y),
        inherit=lambda x: x,
    )


def _other_linkage(linkage: str) -> dict[str, Rules]:
    if linkage == "average":
        return {"two joined edges weigh the mean of their weights": _rules("weighted")}
    return {"two joined edges weigh the mean of all their pixel edges": _rules("average")}


def _joining_and_adding(right: Rules) -> dict[str, Rules]:
    add = right.add

    def without_zeros(x: EdgeWeight, y: EdgeWeight) -> EdgeWeight:
        return add(x, y) if x.total and y.total else max(x, y, key=astuple)

    def second_twice(x: EdgeWeight, y: EdgeWeight) -> EdgeWeight:
        return add(add(x, y), y)

    def first_twice(x: EdgeWeight, y: EdgeWeight) -> EdgeWeight:
        return add(add(x, y), x)

    def rules(both: Callable[[EdgeWeight, EdgeWeight], EdgeWeight]) -> Rules:
        return replace(right, add=both, join=lambda x, y, _: both(x, y))

    return {
        "an edge whose affinities are all 0 counts as none": rules(without_zeros),
        "the second of two joined edges counts twice": rules(second_twice),
        "the first of two joined edges counts twice": rules(first_twice),
    }


def _joining(right: Rules, sizes: Sequence[tuple[int, int]]) -> dict[str, Rules]:
    add = right.add

    def by_size(x: EdgeWeight, y: EdgeWeight, row: int) -> EdgeWeight:
        weight = (sizes[row][0] * x.weight + sizes[row][1] * y.weight) / sum(sizes[row])
        return add(x, y).with_weight(weight)

    return {
        "only the first of two joined edges is kept": replace(right, join=lambda x, y, _: x),
        "only the second of two joined edges is kept": replace(right, join=lambda x, y, _: y),
        "two joined edges weigh as much as the heavier": replace(
            right, join=lambda x, y, _: add(x, y).with_weight(max(x.weight, y.weight))
        ),
        "two joined edges weigh as much as the lighter": replace(
            right, join=lambda x, y, _: add(x, y).with_weight(min(x.weight, y.weight))
        ),
        "two joined edges are weighted by the vertices of the merged super-vertices": replace(
            right, join=by_size
        ),
        "an inherited edge loses half its weight": replace(
            right, inherit=lambda x: x.with_weight(x.weight / 2)
        ),
    }


def _adding(right: Rules) -> dict[str, Rules]:
    add = right.add
    return {
        "a stage's edges replace those that were there": replace(right, add=lambda x, y: y),
        "a stage's edges are dropped where there was one": replace(right, add=lambda x, y: x),
        "a stage adds the edges of the stages before it once more": replace(
            right, add=lambda x, y: add(add(x, x), y)
        ),
    }


def _pooling(right: Rules) -> dict[str, Rules]:
    pool = right.pool

    def pairwise(qs: Sequence[int]) -> EdgeWeight:
        first, *others = (np.float32(pool([q]).weight) for q in qs)
        weight = reduce(lambda x, y: (x + y) * np.float32(0.5), others, first)
        return pool(qs).with_weight(weight)

    return {
        "only the last of several pixel edges is kept": replace(right, pool=lambda q: pool(q[-1:])),
        "only the first of several pixel edges is kept": replace(right, pool=lambda q: pool(q[:1])),
        "pixel edges are averaged one after the other": replace(right, pool=pairwise),
    }


def _arithmetic(linkage: str) -> dict[str, Rules]:
    def in_32_bits(total: int, count: int) -> np.float32:
        return np.float32(((total + 2**31) % 2**32 - 2**31) / (ONE * count))

    found = {
        "the sum is rounded to float32 before it is divided": _rules(
            linkage, lambda total, count: np.float32(total / ONE) / np.float32(count)
        ),
        "65536 stands for 1, not 65535": _rules(
            linkage, lambda total, count: np.float32(total / ((ONE + 1) * count))
        ),
        "the sum is not divided by the number of edges": _rules(
            linkage, lambda total, count: np.float32(total / ONE)
        ),
        "sums are 32-bit integers": _rules(linkage, in_32_bits),
    }
    if linkage == "weighted":
        found["weights are not rounded to float32 after each step"] = _in_float64(linkage)
        found["nothing is rounded to float32"] = replace(_in_float64(linkage), pool=_exact_pool)
    return found


def _exact_pool(qs: Sequence[int]) -> EdgeWeight:
    return EdgeWeight(sum(qs), len(qs), sum(qs) / (ONE * len(qs)))


def _in_float64(linkage: str) -> Rules:
    """Neither the division of a total by a count nor the mean of two weights is rounded."""

    def joined(x: EdgeWeight, y: EdgeWeight) -> EdgeWeight:
        total, count = x.total + y.total, x.count + y.count
        if linkage == "average":
            return EdgeWeight(total, count, total / (ONE * count))
        return EdgeWeight(total, count, (float(x.weight) + float(y.weight)) / 2)

    right = replace(_rules(linkage), add=joined, join=lambda x, y, _: joined(x, y))
    # Under "weighted" a pool is a float32 weight from the start; only the steps do not round.
    return replace(right, pool=_exact_pool) if linkage == "average" else right
