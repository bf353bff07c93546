"""The table of merge time against the number of edges, and the fit of a power law to its rows."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from bench.report.tables.field_measurements import quartiles_ms, round_seconds_to_compare
from bench.runner.record import Record
from merge_impls.speed_comparison.growth import power_law_exponent

SIZES_TO_FIT = ("256x512", "512x1024", "1024x2048")
"""The sizes of the fields to which the exponent is fitted. Goals of the speed study use the same sizes."""


def time_against_edges_table(records: Iterable[Record]) -> pd.DataFrame:
    """One row for each backend, linkage, noise and size. Only backends that merged several sizes have rows.

    Backends run on one thread. ``round_ms``, ``round_ms_q1``, ``round_ms_q3``: the median and quartiles of
    the time over the ``rounds``, in milliseconds. ``ns_an_edge``: the median in nanoseconds / ``edges``.
    """
    rows = []
    for record in records:
        if len(record.images) < 2 or record.computes or record.cell.threads > 1:
            continue
        for image in record.images:
            if seconds := round_seconds_to_compare(record, image):
                names = {
                    **({"machine": record.cell.machine} if record.cell.machine else {}),
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

    names: the columns ``backend``, ``linkage``, ``noise`` and ``size``. seconds: the seconds of each round.
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
    """The exponent b of the power law ``time = a * edges ** b``, fitted to logarithms by least squares.

    frame: the rows of one backend, linkage and noise in a ``time_against_edges_table``.
    sizes: the sizes to fit to. The result is nan if one of them is missing.
    """
    fitted = frame[frame["size"].isin(sizes)]
    if len(fitted) < len(sizes):
        return np.nan
    return power_law_exponent(fitted["edges"].tolist(), fitted["round_ms"].tolist())
