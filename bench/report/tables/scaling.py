"""How time grows with the number of edges: a table, and the exponent of the power law through it."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pandas as pd

from bench.report.tables.side_by_side import own_seconds

FITTED = ("256x512", "512x1024", "1024x2048")
"""The sizes that an exponent is fitted to: those of the goal."""


def scaling(records: Iterable[Mapping]) -> pd.DataFrame:
    """One row a backend, linkage, noise and size, of those that merged more than one size with one thread.

    ``round_ms``, ``round_ms_q1``, ``round_ms_q3`` are median and quartiles over the ``rounds``, in
    milliseconds; ``ns_an_edge`` the median by ``edges``.
    """
    rows = []
    for record in records:
        if len(record["images"]) < 2 or record["computes"] or record["cell"]["threads"] > 1:
            continue
        for image in record["images"]:
            if seconds := own_seconds(record, image):
                rows.append(scaling_row(record["cell"], image, seconds))
    return pd.DataFrame(rows)


def scaling_row(cell: Mapping, image: Mapping, seconds: Sequence[float]) -> dict:
    """A row of ``scaling``.

    cell: its backend, linkage and split, which is the noise. image: name, edges and merges of the field.
    seconds: one for each round.
    """
    low, middle, high = (1000 * np.quantile(seconds, [0.25, 0.5, 0.75])).tolist()
    return {
        "backend": cell["backend"],
        "linkage": cell["linkage"],
        "noise": cell["split"],
        "size": image["name"],
        "edges": image["edges"],
        "merges": image["merges"],
        "round_ms": middle,
        "round_ms_q1": low,
        "round_ms_q3": high,
        "ns_an_edge": 1e6 * middle / image["edges"],
        "rounds": len(seconds),
    }


def exponent(frame: pd.DataFrame, sizes: Sequence[str] = FITTED) -> float:
    """Of time against edges: the slope of the least-squares line through their logarithms.

    frame: rows of ``scaling`` of one backend, linkage and noise. nan unless every one of ``sizes`` is there.
    """
    fitted = frame[frame["size"].isin(sizes)]
    if len(fitted) < len(sizes):
        return np.nan
    return float(np.polyfit(np.log(fitted["edges"]), np.log(fitted["round_ms"]), 1)[0])
