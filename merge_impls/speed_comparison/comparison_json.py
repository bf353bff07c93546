"""Writes all results of a comparison to a JSON file, with checksums of the graphs, and the machine."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from merge_impls import fields
from merge_impls.file_writing import atomic_write
from merge_impls.isolation import CodeDigest
from merge_impls.machine import describe_machine
from merge_impls.speed_comparison.check_and_time_backends import ComparisonRow
from merge_impls.speed_comparison.growth import growth_of_time
from merge_impls.speed_comparison.settings import REFERENCE, ComparisonSettings

FORMAT = "merge-impls time 3"
"""The format of the file. Its number rises if programs that read older files would misread a new file.

| key | value |
|---|---|
| format | ``FORMAT`` |
| plan | the :class:`ComparisonSettings`; timeout in seconds, memory in bytes |
| reference | the reference on the small graphs |
| trusted | the reference on the graphs of all sizes |
| graphs | version: ``fields.VERSION``; sha256: for each family, the ``problem_checksum`` of each size |
| machine | processor, system, versions |
| core | the core to which processes with one thread were pinned; null if they were not pinned |
| versions | for each backend, the declared version; null if the declaration could not be read |
| code | for each backend, a :class:`CodeDigest` of its files; null if it could not start |
| rows | a list of :class:`ComparisonRow`; times in seconds, peak memory in bytes |
| growth | a list of :class:`Growth` |
"""


def _row_entries(row: ComparisonRow) -> dict[str, Any]:
    """The JSON value of a row. The A/A measurement is in its entry ``noise`` alone."""
    entries = asdict(row)
    if entries["run"]:
        del entries["run"]["seconds_again"]
    return entries


def write_comparison_json(
    path: Path,
    settings: ComparisonSettings,
    rows: Sequence[ComparisonRow],
    versions: Mapping[str, str | None],
    code: Mapping[str, CodeDigest | None],
    core: int | None,
) -> None:
    """Write the file completely or not at all. core: see ``FORMAT``."""
    checksums = {
        family: [
            fields.problem_checksum(fields.graph_of_family(family, size)) for size in settings.sizes
        ]
        for family in settings.families
    }
    record: dict[str, Any] = {
        "format": FORMAT,
        "plan": asdict(settings),
        "reference": REFERENCE,
        "trusted": settings.large_graph_reference,
        "graphs": {"version": fields.VERSION, "sha256": checksums},
        "machine": describe_machine(),
        "core": core,
        "versions": dict(versions),
        "code": {name: digest and asdict(digest) for name, digest in code.items()},
        "rows": [_row_entries(row) for row in rows],
        "growth": [asdict(each) for each in growth_of_time(rows)],
    }
    with atomic_write(path) as partial:
        partial.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
