"""The table of the speed of each backend on each family of graphs."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from bench.report.tables.field_measurements import (
    find_measurement_at_size,
    round_seconds_to_compare,
    shared_turns,
)
from bench.report.tables.graph_families import edges_or_requested_edges
from bench.runner.record import Record


def family_speeds_table(records: Iterable[Record]) -> pd.DataFrame:
    """One row for each family of graphs. Columns:

    - ``family``: its name. ``largest``: the edges of the largest graph that the baseline merged; of a family
      with a (nearly) empty mask, the edges that its whole grid has.
    - ``BACKEND, LINKAGE`` for each exact backend but the baseline, followed by the machine if there are
      several: its speed on this graph, the CPU time of the baseline divided by that of the backend, on one
      thread; nan without a right result.
    """
    exact = [each for each in records if not each.computes and each.cell.threads == 1]
    baselines = {
        shared_turns(each): each for each in exact if each.cell.backend == exact[0].cell.backend
    }
    rows: dict[str, dict[str, Any]] = {}
    for record in exact:
        baseline = baselines.get(shared_turns(record), record)
        if record is baseline or not baseline.images:
            continue
        family = record.cell.split
        edges = {edges_or_requested_edges(family, each): each for each in baseline.images}
        largest = edges[max(edges)]
        row = rows.setdefault(family, {"family": family, "largest": max(edges)})
        machine = f", machine {record.cell.machine}" if record.cell.machine else ""
        name = f"{record.cell.backend}, {record.cell.linkage}{machine}"
        row[name] = _speed(record, baseline, largest.name)
    return pd.DataFrame(list(rows.values()))


def _speed(record: Record, baseline: Record, size: str) -> float:
    image, base = (find_measurement_at_size(each, size) for each in (record, baseline))
    if not image or not base or not base.cpu_seconds or not round_seconds_to_compare(record, image):
        return np.nan
    return float(np.median(base.cpu_seconds) / np.median(image.cpu_seconds))
