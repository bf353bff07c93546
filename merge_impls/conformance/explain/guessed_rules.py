"""Guess which rule a backend has wrong: compute a weight by each of many wrong rules, and compare.

If a wrong rule gives exactly the backend's wrong weight, the backend probably uses this rule.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import astuple, dataclass, replace
from functools import reduce

import numpy as np

from merge_impls.conformance.linkages import (
    CONTRACT,
    EXACT,
    LINKAGES,
    Arithmetic,
    Linkage,
    Weight,
    exact_mean,
    sum_of_edges,
)
from merge_impls.conformance.literal_merge import Added, Inherited, Joined, PixelEdge, SuperEdge
from merge_impls.fixed_point_affinities import ONE

MAX_GUESSES = 3
"""The largest number of rules that one line names."""


@dataclass(frozen=True)
class RecomputedEdge:
    """An edge whose weight was computed by some rules.

    total: the sum of q over all pixel edges of the edge. count: the number of these pixel edges.
    """

    total: int
    count: int
    weight: Weight

    def with_weight(self, weight: Weight) -> "RecomputedEdge":
        """The same edge with another weight."""
        return replace(self, weight=weight)


_CombineEdges = Callable[[RecomputedEdge, RecomputedEdge], RecomputedEdge]


@dataclass(frozen=True)
class Rules:
    """The rules that compute the edges of a graph; one function for each of the four ways to make an edge.

    pool: makes a new edge from the pixel edges that a stage adds to a pair.
    add: joins the edge that a pair had before with the new edge that a stage adds.
    join: joins the edges of two merged super-vertices a and b to the same third super-vertex. Its
        last argument is the row of the history in which a and b merged.
    inherit: makes the edge of a from an edge that only b had.
    """

    pool: Callable[[Sequence[PixelEdge]], RecomputedEdge]
    add: _CombineEdges
    join: Callable[[RecomputedEdge, RecomputedEdge, int], RecomputedEdge]
    inherit: Callable[[RecomputedEdge], RecomputedEdge]


def guessed_rule_lines(
    edge: SuperEdge, weight: Weight, linkage: str, sizes: Sequence[tuple[int, int]]
) -> list[str]:
    """Name, in one line, the wrong rules that give the edge the backend's weight; [] if no known rule does.

    weight: the wrong weight that the backend gives the edge.
    sizes: for each row of the history, the numbers of vertices of the two merged super-vertices.
    """
    found = [
        words
        for words, rules in _wrong_rules(LINKAGES[linkage], sizes).items()
        if np.float32(_recompute_edge(edge, rules).weight) == np.float32(weight)
    ]
    if not found:
        return []
    return [f"{float(weight):.9g} is what comes out if {', or if '.join(found[:MAX_GUESSES])}."]


def unrounded_weight(edge: SuperEdge, linkage: str) -> float:
    """The weight of the edge if it is not rounded to float32."""
    rules = _rules_of_contract(LINKAGES[linkage], LINKAGES[linkage].unrounded)
    return float(_recompute_edge(edge, rules).weight)


def _recompute_edge(edge: SuperEdge, rules: Rules) -> RecomputedEdge:
    """Compute the edge again, from its pixel edges, by the given rules."""
    # Not recursive, because the chain of earlier edges may be longer than Python's recursion limit.
    known: dict[SuperEdge, RecomputedEdge] = {}
    waiting = [edge]
    while waiting:
        unknown = [part for _, part in waiting[-1].source_edges if part not in known]
        if unknown:
            waiting += unknown
        else:
            last = waiting.pop()
            known[last] = _compute_edge_from_parts(
                last, [known[part] for _, part in last.source_edges], rules
            )
    return known[edge]


def _compute_edge_from_parts(
    edge: SuperEdge, parts: list[RecomputedEdge], rules: Rules
) -> RecomputedEdge:
    """Compute an edge from the edges ``parts`` that it was made of."""
    match edge.origin:
        case Added(_, pool):
            return rules.pool(pool)
        case Inherited():
            return rules.inherit(parts[0])
        case Joined(None, _, _, _):
            return rules.add(parts[0], parts[1])
        case Joined(int(row), _, _, _):
            return rules.join(parts[0], parts[1], row)
    raise AssertionError(f"an edge cannot come from {edge.origin}")


def _wrong_rules(linkage: Linkage, sizes: Sequence[tuple[int, int]]) -> Mapping[str, Rules]:
    """Sets of rules with one mistake each, by the description of the mistake; the most likely come first."""
    return {
        **_rules_with_wrong_counting(_rules_of_contract(linkage)),
        **_rules_of_other_linkages(linkage),
        **_rules_with_wrong_joining_and_adding(_rules_of_contract(linkage)),
        **_rules_with_wrong_joining(_rules_of_contract(linkage), sizes),
        **_rules_with_wrong_adding(_rules_of_contract(linkage)),
        **_rules_with_wrong_pooling(_rules_of_contract(linkage)),
        **_rules_with_pooling_of_other_linkages(linkage),
        **_rules_with_wrong_arithmetic(linkage),
    }


def _rules_of_contract(linkage: Linkage, by: Arithmetic = CONTRACT) -> Rules:
    """The rules of the contract for a linkage, computed with the arithmetic ``by``."""

    def add_or_join(x: RecomputedEdge, y: RecomputedEdge) -> RecomputedEdge:
        return RecomputedEdge(x.total + y.total, x.count + y.count, linkage.joined_weight(x, y, by))

    return Rules(
        pool=lambda edges: RecomputedEdge(*sum_of_edges(edges), linkage.pooled_weight(edges, by)),
        add=add_or_join,
        join=lambda x, y, _: add_or_join(x, y),
        inherit=lambda x: x,
    )


def _rules_of_other_linkages(linkage: Linkage) -> dict[str, Rules]:
    """The right rules of every other linkage."""
    return {
        other.claim: _rules_of_contract(other)
        for other in LINKAGES.values()
        if other is not linkage
    }


def _rules_with_wrong_joining_and_adding(right: Rules) -> dict[str, Rules]:
    """Rules with the same mistake in ``join`` and ``add``; ``right`` are the rules without a mistake."""

    def add_unless_zero(x: RecomputedEdge, y: RecomputedEdge) -> RecomputedEdge:
        return right.add(x, y) if x.total and y.total else max(x, y, key=astuple)

    def add_second_twice(x: RecomputedEdge, y: RecomputedEdge) -> RecomputedEdge:
        return right.add(right.add(x, y), y)

    def add_first_twice(x: RecomputedEdge, y: RecomputedEdge) -> RecomputedEdge:
        return right.add(right.add(x, y), x)

    def rules_that_combine_by(combine: _CombineEdges) -> Rules:
        return replace(right, add=combine, join=lambda x, y, _: combine(x, y))

    return {
        "an edge whose affinities are all 0 is ignored": rules_that_combine_by(add_unless_zero),
        "the second of two joined edges counts twice": rules_that_combine_by(add_second_twice),
        "the first of two joined edges counts twice": rules_that_combine_by(add_first_twice),
    }


def _rules_with_wrong_joining(right: Rules, sizes: Sequence[tuple[int, int]]) -> dict[str, Rules]:
    """Rules with a mistake in ``join`` or ``inherit``. sizes: see ``guessed_rule_lines``."""
    add = right.add

    def join_weighted_by_size(x: RecomputedEdge, y: RecomputedEdge, row: int) -> RecomputedEdge:
        weight = (sizes[row][0] * x.weight + sizes[row][1] * y.weight) / sum(sizes[row])
        return add(x, y).with_weight(weight)

    return {
        "only the first of two joined edges is kept": replace(right, join=lambda x, y, _: x),
        "only the second of two joined edges is kept": replace(right, join=lambda x, y, _: y),
        "two joined edges weigh as much as the heavier of them": replace(
            right, join=lambda x, y, _: add(x, y).with_weight(max(x.weight, y.weight))
        ),
        "two joined edges weigh as much as the lighter of them": replace(
            right, join=lambda x, y, _: add(x, y).with_weight(min(x.weight, y.weight))
        ),
        "two joined edges are weighted by the numbers of vertices of the merged super-vertices": replace(
            right, join=join_weighted_by_size
        ),
        "an inherited edge loses half its weight": replace(
            right, inherit=lambda x: x.with_weight(x.weight / 2)
        ),
    }


def _rules_with_wrong_adding(right: Rules) -> dict[str, Rules]:
    """Rules with a mistake in ``add``."""
    add = right.add
    return {
        "the edges of a stage replace those of earlier stages": replace(right, add=lambda x, y: y),
        "the edges of a stage are dropped where the pair has an edge already": replace(
            right, add=lambda x, y: x
        ),
        "a stage adds the edges of all earlier stages once more": replace(
            right, add=lambda x, y: add(add(x, x), y)
        ),
    }


def _rules_with_wrong_counting(right: Rules) -> dict[str, Rules]:
    """Rules that differ from ``right`` only for edges that stand for several pixel edges."""

    def without_counts(edges: Sequence[PixelEdge]) -> RecomputedEdge:
        return right.pool([replace(edge, total=edge.q, count=1) for edge in edges])

    def without_totals(edges: Sequence[PixelEdge]) -> RecomputedEdge:
        return right.pool([replace(edge, total=edge.q * edge.count) for edge in edges])

    return {
        "every edge counts once, whatever its count": replace(right, pool=without_counts),
        "affinities are read in place of totals": replace(right, pool=without_totals),
    }


def _rules_with_wrong_pooling(right: Rules) -> dict[str, Rules]:
    """Rules with a mistake in ``pool``."""
    pool = right.pool

    def pool_pairwise(edges: Sequence[PixelEdge]) -> RecomputedEdge:
        first, *others = (np.float32(pool([edge]).weight) for edge in edges)
        weight = reduce(lambda x, y: (x + y) * np.float32(0.5), others, first)
        return pool(edges).with_weight(weight)

    return {
        "only the last of several pixel edges is kept": replace(right, pool=lambda e: pool(e[-1:])),
        "only the first of several pixel edges is kept": replace(right, pool=lambda e: pool(e[:1])),
        "pixel edges are averaged two at a time": replace(right, pool=pool_pairwise),
    }


def _rules_with_pooling_of_other_linkages(linkage: Linkage) -> dict[str, Rules]:
    """Rules that pool pixel edges as in another linkage, and are right otherwise."""
    return {
        f"pixel edges are pooled as with linkage {other.name!r}": replace(
            _rules_of_contract(linkage), pool=_rules_of_contract(other).pool
        )
        for other in LINKAGES.values()
        if other is not linkage
    }


def _rules_with_wrong_arithmetic(linkage: Linkage) -> dict[str, Rules]:
    """Rules with a mistake in a division or in rounding."""

    def divide_32_bit_sum(total: int, count: int) -> np.float32:
        return np.float32(((total + 2**31) % 2**32 - 2**31) / (ONE * count))

    divisions: dict[str, Callable[[int, int], Weight]] = {
        "the sum is rounded to float32 before it is divided": (
            lambda total, count: np.float32(total / ONE) / np.float32(count)
        ),
        "65536 stands for 1, not 65535": (
            lambda total, count: np.float32(total / ((ONE + 1) * count))
        ),
        "the sum is not divided by the number of edges": lambda total, _: np.float32(total / ONE),
        "sums are 32-bit integers": divide_32_bit_sum,
    }
    return {
        **{
            words: _rules_of_contract(linkage, replace(CONTRACT, divide=by))
            for words, by in divisions.items()
        },
        "weights are not rounded to float32 after each step": _rules_of_contract(
            linkage, replace(CONTRACT, mean=exact_mean)
        ),
        "nothing is rounded to float32": _rules_of_contract(linkage, EXACT),
    }
