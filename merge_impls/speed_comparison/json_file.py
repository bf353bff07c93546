"""A contest as a JSON file: every round of every backend, and what it was measured on."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from merge_impls import fields
from merge_impls.files import atomic_write
from merge_impls.machine import machine
from merge_impls.speed_comparison.comparison import ComparisonRow
from merge_impls.speed_comparison.settings import REFERENCE, ComparisonSettings

FORMAT = "merge-impls time 1"
"""The number rises when a reader of older files would misread a new one.

| key | |
|---|---|
| format | this line |
| plan | what was asked for; timeout in seconds, memory in bytes of data |
| reference | what results were compared with on a small field |
| trusted | what they were compared with on the whole field |
| fields | version, and SHA-256 of affinities and mask, by noise |
| machine | processor, system, versions |
| core | that processes with one thread were pinned to; null: to none |
| versions | of each backend as it says; null if it could not be asked |
| rows | as :class:`merge_impls.speed_comparison.comparison.ComparisonRow`; seconds a round, peak in bytes |
"""


def write_json(
    path: Path,
    plan: ComparisonSettings,
    rows: Sequence[ComparisonRow],
    versions: Mapping[str, str | None],
    core: int | None,
) -> None:
    """Write the record whole or not at all."""
    checksums = {noise: fields.checksum(fields.field(*plan.shape, noise)) for noise in plan.noises}
    record: dict[str, Any] = {
        "format": FORMAT,
        "plan": asdict(plan),
        "reference": REFERENCE,
        "trusted": plan.large_field_reference,
        "fields": {"version": fields.VERSION, "sha256": checksums},
        "machine": machine(),
        "core": core,
        "versions": dict(versions),
        "rows": [asdict(row) for row in rows],
    }
    with atomic_write(path) as partial:
        partial.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
