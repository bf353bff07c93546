"""How time grows with the number of edges: the table, and the exponent of the power law through it."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from bench.report.tables.speed_by_method import quartiles_ms, seconds_to_compare
from bench.runner.record import Record

SIZES_TO_FIT = ("256x512", "512x1024", "1024x2048")
"""The sizes of the fields to which the exponent is fitted, as in the goals of the speed study."""


def time_against_edges_table(records: Iterable[Record]) -> pd.DataFrame:
    """One row for each backend, linkage, noise and size, if the backend merged several sizes on one thread.

    ``round_ms``, ``round_ms_q1``, ``round_ms_q3``: median and quartiles over the ``rounds``, in milliseconds.
    ``ns_an_edge``: the median divided by ``edges``.
    """
    rows = []
    for record in records:
        if len(record.images) < 2 or record.computes or record.cell.threads > 1:
            continue
        for image in record.images:
            if seconds := seconds_to_compare(record, image):
                names = {
                    "backend": record.cell.backend,
                    "linkage": record.cell.linkage,
                    "noise": record.cell.split,
                    "size": image.name,
                }
                rows.append(time_against_edges_row(names, image.edges, image.merges, seconds))
    return pd.DataFrame(rows)


def time_against_edges_row(
    names: Mapping[str, Any], edges: int, merges: int, seconds: Sequence[float]
) -> dict[str, Any]:
    """A row of ``time_against_edges_table``.

    names: its columns ``backend``, ``linkage``, ``noise`` and ``size``; seconds: of each round.
    """
    low, middle, high = quartiles_ms(seconds)
    return {
        **names,
        "edges": edges,
        "merges": merges,
        "round_ms": middle,
        "round_ms_q1": low,
        "round_ms_q3": high,
        "ns_an_edge": 1e6 * middle / edges,
        "rounds": len(seconds),
    }


def fit_exponent(frame: pd.DataFrame, sizes: Sequence[str] = SIZES_TO_FIT) -> float:
    """The exponent of time against edges: the slope of the least-squares line through their logarithms.

    frame: rows of ``scaling`` of one backend, linkage and noise. Returns nan unless it has all of ``sizes``.
    """
    fitted = frame[frame["size"].isin(sizes)]
    if len(fitted) < len(sizes):
        return np.nan
    return float(np.polyfit(np.log(fitted["edges"]), np.log(fitted["round_ms"]), 1)[0])
