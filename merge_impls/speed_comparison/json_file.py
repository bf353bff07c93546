"""Write a comparison as a JSON file: every round of every backend, the fields and the machine."""

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
| reference | the backend that results on a small field were compared with |
| trusted | the backend that results on the whole field were compared with |
| fields | version, and SHA-256 of affinities and mask, by noise |
| machine | processor, system, versions |
| core | the core to which processes with one thread were pinned; null if none |
| versions | of each backend as it declares it; null if its declaration could not be read |
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
