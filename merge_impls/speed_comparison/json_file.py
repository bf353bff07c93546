"""Write a comparison as a JSON file: all rounds of all backends, checksums of the fields, the machine."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from merge_impls import fields
from merge_impls.files import atomic_write
from merge_impls.machine import describe_machine
from merge_impls.speed_comparison.compared_backends import ComparisonRow
from merge_impls.speed_comparison.settings import REFERENCE, ComparisonSettings

FORMAT = "merge-impls time 1"
"""The format of the file; its number rises when a reader of older files would misread a new one.

| key | value |
|---|---|
| format | ``FORMAT`` |
| plan | the :class:`ComparisonSettings`; timeout in seconds, memory in bytes of data |
| reference | the backend with whose results those on a small field were compared |
| trusted | the backend with whose results those on the whole field were compared |
| fields | version: of the synthetic fields; sha256: by noise, one hash over affinities and mask |
| machine | processor, system, versions |
| core | the core to which processes with one thread were pinned; null if none |
| versions | by backend, the version it declares; null if its declaration could not be read |
| rows | each a :class:`ComparisonRow`; seconds of each round, peak in bytes |
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
        noise: fields.checksum(fields.field(*settings.shape, noise)) for noise in settings.noises
    }
    record: dict[str, Any] = {
        "format": FORMAT,
        "plan": asdict(settings),
        "reference": REFERENCE,
        "trusted": settings.large_field_reference,
        "fields": {"version": fields.VERSION, "sha256": checksums},
        "machine": describe_machine(),
        "core": core,
        "versions": dict(versions),
        "rows": [asdict(row) for row in rows],
    }
    with atomic_write(path) as partial:
        partial.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
