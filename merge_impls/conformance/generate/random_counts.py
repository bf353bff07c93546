"""Draw counts and totals for the edges of a random explicit graph."""

from collections.abc import Callable
from typing import Any

import numpy as np
from hypothesis import strategies as st

from merge_impls.arrays import Int64Array
from merge_impls.conformance.generate.values_from_bytes import ByteStream, map_bytes_to_range
from merge_impls.edge_counts import MAX_COUNT_SUM
from merge_impls.fixed_point_affinities import ONE
from merge_impls.problem import MergeProblem

Draw = Callable[[st.SearchStrategy], Any]
"""The function ``draw`` that hypothesis passes to a composite strategy."""

COUNT_STYLES = ["none"] * 3 + ["small"] * 4 + ["equal", "large", "huge"]
"""How counts are distributed; one that is listed several times is drawn more often.

"none": no counts. "small": 1 to 8. "equal": all edges have the same count. "large": up to 2 ** 24, so that
a count needs more bits than ``c`` and ``numba`` pack. "huge": half as large as the contract allows,
because a law adds a copy of the graph.
"""

_COUNT_STYLES = st.sampled_from(COUNT_STYLES)

LARGEST_COUNT = {"small": 8, "equal": 8, "large": 1 << 24}
"""The largest count of a style."""

BYTES_AN_EDGE = 3
"""The number of bytes from which the count and the total of an edge are made."""


def draw_counts(draw: Draw, graph: MergeProblem) -> MergeProblem:
    """Return the graph with counts and totals for its edges, in one of ``COUNT_STYLES``.

    Half of the totals are affinity * count, so that ties stay frequent; the others are any.
    """
    style, number = draw(_COUNT_STYLES), len(graph.affinities)
    if style == "none" or number == 0:
        return graph
    size = BYTES_AN_EDGE * number
    stream = ByteStream(draw(st.binary(min_size=size, max_size=size)))
    counts = _counts_from_bytes(stream.next_bytes(number), style)
    exact, share = stream.next_bytes(number), stream.next_bytes(number)
    # The division comes first, because 65535 * count * 255 may not fit int64.
    any_total = ONE * counts // 255 * share
    totals = np.where(exact < 128, graph.affinities * counts, any_total)
    return graph.replace(counts=counts, totals=totals)


def _counts_from_bytes(data: Int64Array, style: str) -> Int64Array:
    """Return counts, int64 of the shape of ``data``, which are bytes."""
    if style == "huge":
        return np.full(len(data), MAX_COUNT_SUM // (2 * len(data)))
    counts = 1 + map_bytes_to_range(data, LARGEST_COUNT[style])
    return np.full_like(counts, counts[0]) if style == "equal" else counts
