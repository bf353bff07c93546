"""The table of the speed of each backend on each family of graphs."""

from collections.abc import Iterable
from typing import Any

import pandas as pd

from bench.report.tables.graph_families import (
    edges_or_requested_edges,
    exact_records_and_baselines,
    speed_over_baseline,
)
from bench.runner.record import Record


def family_speeds_table(records: Iterable[Record], baseline: str | None = None) -> pd.DataFrame:
    """One row for each family of graphs. Columns:

    - ``family``: its name. ``largest``: the edges of the largest graph that the baseline merged; of a family
      with a (nearly) empty mask, the edges of a graph of the same grid with a street's mask.
      ``speedup_over``: the baseline.
    - ``BACKEND, LINKAGE`` for each exact backend but the baseline, followed by the machine if there are
      several: its speed on this graph, the CPU time of the baseline divided by that of the backend, on one
      thread; nan without a right result.
    """
    rows: dict[str, dict[str, Any]] = {}
    for record, base in exact_records_and_baselines(records, baseline):
        if not base.images:
            continue
        family = record.cell.split
        edges = {edges_or_requested_edges(family, each): each for each in base.images}
        largest = edges[max(edges)]
        row = rows.setdefault(
            family,
            {"family": family, "largest": max(edges), "speedup_over": base.cell.backend},
        )
        machine = f", machine {record.cell.machine}" if record.cell.machine else ""
        name = f"{record.cell.backend}, {record.cell.linkage}{machine}"
        row[name] = speed_over_baseline(record, base, largest.name)
    return pd.DataFrame(list(rows.values()))
