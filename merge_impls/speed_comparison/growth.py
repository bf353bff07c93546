"""How time grows with the number of edges: the exponent of the power law through the medians."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from merge_impls.fields import FAMILIES
from merge_impls.speed_comparison.compared_backends import ComparisonRow
from merge_impls.timing import Quartiles


@dataclass(frozen=True)
class Growth:
    """The times of one backend on one family with one linkage, over at least two sizes.

    edges: of each graph, in rising order. Of a family whose mask leaves (nearly) no edges, the sizes that
        were asked for: the times then grow with the grid.
    seconds: the median CPU time of each graph, which other programs disturb less than the wall time.
    exponent: of this time against edges.
    """

    backend: str
    family: str
    linkage: str
    edges: list[int]
    seconds: list[float]
    exponent: float


def power_law_exponent(edges: Sequence[float], seconds: Sequence[float]) -> float:
    """The slope of the least-squares line through the logarithms of at least two points."""
    return float(np.polyfit(np.log(edges), np.log(seconds), 1)[0])


def growth_of_time(rows: Sequence[ComparisonRow]) -> list[Growth]:
    """The growth for each backend, family and linkage with times at two sizes or more."""
    timed: dict[tuple[str, str, str], list[tuple[int, float]]] = {}
    for row in rows:
        if row.run:
            edges = row.size if FAMILIES[row.family].masked_out else row.edges
            point = edges, Quartiles.of(row.run.cpu_seconds).median
            timed.setdefault((row.backend, row.family, row.linkage), []).append(point)
    return [_growth(names, points) for names, points in timed.items() if len(points) > 1]


def _growth(names: tuple[str, str, str], points: list[tuple[int, float]]) -> Growth:
    edges, seconds = map(list, zip(*sorted(points), strict=True))
    return Growth(*names, edges, seconds, power_law_exponent(edges, seconds))
