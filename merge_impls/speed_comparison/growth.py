"""The growth of time with the number of edges: the exponent of a power law that is fitted to the medians."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from merge_impls.fields import FAMILIES
from merge_impls.speed_comparison.check_and_time_backends import ComparisonRow
from merge_impls.timing import Quartiles


@dataclass(frozen=True)
class Growth:
    """The times of one backend on one family with one linkage, over at least two sizes.

    edges: the number of edges of each graph, in rising order. For a family with a (nearly) empty mask, the
        requested numbers, because the time then grows with the size of the grid.
    seconds: the median CPU time of each graph. Other programs disturb it less than the wall time.
    exponent: b in ``seconds = a * edges ** b``.
    exact: whether the results equal those of the reference; False for an approximate linkage.
    """

    backend: str
    family: str
    linkage: str
    edges: list[int]
    seconds: list[float]
    exponent: float
    exact: bool = True

    @property
    def label(self) -> str:
        """The backend and the linkage, with a remark if the results are approximate."""
        return f"{self.backend}, {self.linkage}{'' if self.exact else ' (approximate)'}"


def power_law_exponent(edges: Sequence[float], seconds: Sequence[float]) -> float:
    """The exponent b of ``seconds = a * edges ** b``, fitted to the logarithms by least squares.

    There must be at least two points.
    """
    return float(np.polyfit(np.log(edges), np.log(seconds), 1)[0])


def growth_of_time(rows: Sequence[ComparisonRow]) -> list[Growth]:
    """The growth of each backend on each family with each linkage, if there are times at two sizes."""
    timed: dict[tuple[str, str, str, bool], list[tuple[int, float]]] = {}
    for row in rows:
        if row.run:
            edges = row.size if FAMILIES[row.family].masked_out else row.edges
            point = edges, Quartiles.of_values(row.run.cpu_seconds).median
            names = row.backend, row.family, row.linkage, row.state == "equal"
            timed.setdefault(names, []).append(point)
    return [_fit_growth(names, points) for names, points in timed.items() if len(points) > 1]


def _fit_growth(names: tuple[str, str, str, bool], points: list[tuple[int, float]]) -> Growth:
    edges, seconds = map(list, zip(*sorted(points), strict=True))
    backend, family, linkage, exact = names
    exponent = power_law_exponent(edges, seconds)
    return Growth(backend, family, linkage, edges, seconds, exponent, exact)
