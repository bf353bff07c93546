"""Write a comparison as a JSON file: all rounds of all backends, checksums of the graphs, the machine."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from merge_impls import fields
from merge_impls.files import atomic_write
from merge_impls.machine import describe_machine
from merge_impls.speed_comparison.compared_backends import ComparisonRow
from merge_impls.speed_comparison.growth import growth_of_time
from merge_impls.speed_comparison.settings import REFERENCE, ComparisonSettings

FORMAT = "merge-impls time 2"
"""The format of the file; its number rises when a reader of older files would misread a new one.

| key | value |
|---|---|
| format | ``FORMAT`` |
| plan | the :class:`ComparisonSettings`; timeout in seconds, memory in bytes of data |
| reference | the backend with whose results those on a small graph were compared |
| trusted | the backend with whose results those on the graphs of all sizes were compared |
| graphs | version: of the seeded graphs; sha256: by family, a ``checksum`` for each size |
| machine | processor, system, versions |
| core | the core to which processes with one thread were pinned; null if none |
| versions | by backend, the version it declares; null if its declaration could not be read |
| rows | each a :class:`ComparisonRow`; seconds of each round, peak in bytes |
| growth | each a :class:`Growth`: the exponent of time against edges |
"""


def write_json(
    path: Path,
    settings: ComparisonSettings,
    rows: Sequence[ComparisonRow],
    versions: Mapping[str, str | None],
    core: int | None,
) -> None:
    """Write the file whole or not at all."""
    checksums = {
        family: [fields.checksum(fields.hard_graph(family, size)) for size in settings.sizes]
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
        "rows": [asdict(row) for row in rows],
        "growth": [asdict(each) for each in growth_of_time(rows)],
    }
    with atomic_write(path) as partial:
        partial.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
