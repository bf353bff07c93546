"""The tables of the families of graphs: the speed of each method, and the worst family of each backend."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from bench.report.tables.baselines import baselines_of_fields
from bench.report.tables.field_measurements import (
    find_measurement_at_size,
    largest_common_size,
    round_seconds_to_compare,
    shared_turns,
)
from bench.report.tables.method_names import method_name
from bench.report.tables.speed_by_method import speed_by_method_table
from bench.runner.record import MeasuredProblem, Record, latest_record_of_each_cell
from merge_impls.fields import FAMILIES
from merge_impls.speed_comparison.growth import Growth, power_law_exponent

LEAST_SECONDS = 0.2
"""``worst_families_table`` ignores graphs that the baseline merges in less CPU time than this."""


def families_table(records: Iterable[Record], baseline: str | None = None) -> pd.DataFrame:
    """The rows of ``speed_by_method_table`` for all families, with more columns:

    - ``family``: the name of the family. ``edges``: the edges of the graph that all methods merged; of a
      family with a (nearly) empty mask, the edges of a graph of the same grid with a street's mask.
    - ``exponent``: b in ``CPU time = a * edges ** b``; nan for a method that merged only one size.
    - ``method``: the ``method_name``.
    """
    by_family: dict[str, list[Record]] = {}
    for record in records:
        by_family.setdefault(record.cell.split, []).append(record)
    tables = [_family_table(family, found, baseline) for family, found in by_family.items()]
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame()


def _family_table(family: str, records: Sequence[Record], baseline: str | None) -> pd.DataFrame:
    shown = latest_record_of_each_cell(records)
    table = speed_by_method_table(records, family, baseline)
    growths = [_cpu_time_growth(record) for record in shown]
    table.insert(0, "family", family)
    size = largest_common_size(shown)
    images = [image for each in shown if (image := find_measurement_at_size(each, size))]
    edges = max((edges_or_requested_edges(family, each) for each in images), default=0)
    table["edges"] = edges
    table.insert(1, "edges", table.pop("edges"))
    table.insert(2, "exponent", [each.exponent if each else np.nan for each in growths])
    return table.assign(method=[*map(method_name, shown)])


def cpu_time_growths(records: Iterable[Record]) -> list[Growth]:
    """The growth of CPU time with edges, for each backend on one thread, each family and each linkage."""
    shown = latest_record_of_each_cell(records)
    return [growth for record in shown if (growth := _cpu_time_growth(record))]


def _cpu_time_growth(record: Record) -> Growth | None:
    """The growth of time in one record; None if fewer than two sizes have right results."""
    family = record.cell.split
    if family not in FAMILIES or record.computes or record.cell.threads > 1:
        return None
    timed = [image for image in record.images if round_seconds_to_compare(record, image)]
    if len(timed) < 2:
        return None
    edges = [edges_or_requested_edges(family, image) for image in timed]
    seconds = [float(np.median(image.cpu_seconds)) for image in timed]
    machine = f", machine {record.cell.machine}" if record.cell.machine else ""
    names = f"{record.cell.backend}{machine}", family, str(record.cell.linkage)
    return Growth(*names, edges, seconds, power_law_exponent(edges, seconds))


def edges_or_requested_edges(family: str, image: MeasuredProblem) -> int:
    """The number of edges of a graph. For a family with a (nearly) empty mask, the requested number."""
    return int(image.name.split()[0]) if FAMILIES[family].masked_out else image.edges


def worst_families_table(records: Sequence[Record], baseline: str | None = None) -> pd.DataFrame:
    """One row for each backend and linkage on one thread. Columns:

    - ``machine``: only if there are several.
    - ``lowest_speed``: the lowest speed on any graph, and ``slow_family``: the family of this graph. Speed is
      the CPU time of the baseline divided by that of the backend. Graphs that the baseline merges in less
      than ``LEAST_SECONDS`` are ignored.
    - ``speedup_over``: the baseline, see ``baselines_of_fields``.
    - ``highest_exponent``: the highest exponent of any family, and ``steep_family``: this family.
    """
    by_method: dict[tuple[str, str, str], list[tuple[Record, Record]]] = {}
    for each, base in exact_records_and_baselines(records, baseline):
        method = each.cell.machine, each.cell.backend, str(each.cell.linkage)
        by_method.setdefault(method, []).append((each, base))
    rows = []
    for (machine, backend, linkage), pairs in by_method.items():
        names = {**({"machine": machine} if machine else {}), "backend": backend}
        rows.append({**names, "linkage": linkage, **_worst_family_columns(pairs)})
    return pd.DataFrame(rows)


def exact_records_and_baselines(
    records: Iterable[Record], baseline: str | None = None
) -> list[tuple[Record, Record]]:
    """Each exact record of one thread but the baselines, with the baseline that took turns with it.

    Records without a baseline are left out. baseline: see ``baselines_of_fields``.
    """
    records = list(records)
    baselines = baselines_of_fields(records, baseline)
    exact = [each for each in records if not each.computes and each.cell.threads == 1]
    pairs = [
        (each, baselines.get(shared_turns(each), each))
        for each in latest_record_of_each_cell(exact)
    ]
    return [(each, base) for each, base in pairs if each is not base]


def _worst_family_columns(found: Sequence[tuple[Record, Record]]) -> dict[str, Any]:
    """The columns of one row. found: for each family, (record of the backend, record of the baseline)."""
    speeds = [
        (speed, record.cell.split)
        for record, baseline in found
        for speed in _speeds_over_baseline(record, baseline)
    ]
    growths = cpu_time_growths(record for record, _ in found)
    exponents = [(each.exponent, each.family) for each in growths]
    lowest_speed, slow_family = min(speeds, default=(np.nan, ""))
    highest_exponent, steep_family = max(exponents, default=(np.nan, ""))
    return {
        "lowest_speed": lowest_speed,
        "speedup_over": ", ".join(dict.fromkeys(base.cell.backend for _, base in found)),
        "slow_family": slow_family,
        "highest_exponent": highest_exponent,
        "steep_family": steep_family,
    }


def _speeds_over_baseline(record: Record, baseline: Record) -> list[float]:
    """The speed on each graph of a record that the baseline merges in ``LEAST_SECONDS`` or more."""
    slow = [
        image.name
        for image in baseline.images
        if image.cpu_seconds and np.median(image.cpu_seconds) >= LEAST_SECONDS
    ]
    speeds = [speed_over_baseline(record, baseline, name) for name in slow]
    return [speed for speed in speeds if not np.isnan(speed)]


def speed_over_baseline(record: Record, baseline: Record, size: str) -> float:
    """The CPU time of the baseline on a graph divided by that of a backend; nan without a right result."""
    image, base = (find_measurement_at_size(each, size) for each in (record, baseline))
    if not image or not base or not base.cpu_seconds or not round_seconds_to_compare(record, image):
        return np.nan
    return float(np.median(base.cpu_seconds) / np.median(image.cpu_seconds))
