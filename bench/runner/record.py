"""The record of a study: what one method did in one cell. It writes itself as JSON and reads itself.

A cell is a method with a linkage and a number of threads, on the images of a split or on the fields
(synthetic street problems) of a noise, whole or cropped ("scope"), in a row of the study's table.
``results/record.schema.json`` says the same in JSON.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, Self

import jsonschema

from bench.runner.old_records import SCHEMA_VERSION, upgraded
from merge_impls.argument_checks import LINKAGES

SCHEMA_FILE = Path(__file__).parents[2] / "results" / "record.schema.json"

PENDING = "pending"
"""The state of a record that is planned; none is written with it."""

UNSUPPORTED = "unsupported"
"""The state of a record whose method cannot merge graphs of the record's family."""

Scores = Mapping[str, Any]
"""AP and the like, as ``bench.evaluation`` gives them: see "scores" in the schema."""


class RecordError(ValueError):
    """A record breaks the schema, at a place that the message names in one line."""


@dataclass(frozen=True)
class Cell:
    """What a record is of. backend: the name of the method. scope: "maps" (whole) or "crops".

    split: of the images, or the noise of the fields. model: None without networks. linkage: None for a method
    that merges nothing. row: of the study's table, None if it has one for each linkage.
    """

    dataset: str
    split: str
    model: str | None
    backend: str
    linkage: str | None
    threads: int = 1
    scope: str = "maps"
    row: str | None = None

    def to_json(self) -> dict[str, Any]:
        return _without_none(self, "row")


@dataclass(frozen=True)
class Measured:
    """What was measured on one image, all regions together, or on one field; its name is its size.

    Times are in seconds, one a round. identical: whether all results equal the reference's to the bit; None:
    not checked. agreement: of segments with the reference's, for a method that computes something else.
    """

    name: str
    vertices: int
    edges: int
    merges: int
    segments: int
    regions: int
    seconds: list[float]
    cpu_seconds: list[float]
    call_seconds: list[float]
    conversion_seconds: list[float]
    peak_bytes: int | None
    input_bytes: int | None
    identical: bool | None
    agreement: float | None


@dataclass(frozen=True)
class Change:
    """The difference of AP from that of the row ``against``, and a paired bootstrap interval over images."""

    against: str
    difference: float
    low: float
    high: float
    rounds: int


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


@dataclass(frozen=True)
class Record:
    """What a study says of one cell. The schema describes each entry.

    state: "done", "disagreed", "failed", "unavailable", or "unsupported" if the method cannot merge such
    graphs; reason: in one line, "" for "done".
    computes: "" if that is what the contract says.
    """

    key: str
    study: str
    cell: Cell
    backend_version: str
    computes: str
    thresholds: list[float]
    min_pixels: int
    hashes: Mapping[str, str]
    machine: Mapping[str, Any]
    state: str
    reason: str = ""
    strategy: Mapping[str, Any] = field(default_factory=dict)
    truth: list[str] = field(default_factory=list)
    images: list[Measured] = field(default_factory=list)
    identical_to: str = ""
    scores: Scores | None = None
    first_call_seconds: float | None = None
    created: str = field(default_factory=_now)
    noise: float | None = None
    paper_ap: float | None = None
    change: Change | None = None

    @property
    def pending(self) -> bool:
        """Whether the method can run, but has no results yet."""
        return self.state == PENDING

    def finished(self, **results: Any) -> Self:
        """The record with its results, made now."""
        return replace(self, created=_now(), **results)

    @property
    def of_fields(self) -> bool:
        """Whether the problems were seeded fields, not images."""
        return "fields" in self.hashes

    @classmethod
    def from_json(cls, entries: Any, where: str = "record") -> Self:
        """The record of a JSON value of any schema version; raises ``RecordError`` for what is none."""
        content = check(upgraded(entries), where)
        content.pop("schema")
        cell, images, change = (
            content.pop("cell"),
            content.pop("images"),
            content.pop("change", None),
        )
        return cls(
            **content,
            cell=Cell(**cell),
            images=[Measured(**image) for image in images],
            change=change and Change(**change),
        )

    def to_json(self) -> dict[str, Any]:
        """The record as JSON has it; raises ``RecordError`` if it breaks the schema."""
        entries = _without_none(self, "noise", "paper_ap", "change") | {"cell": self.cell.to_json()}
        return check({"schema": SCHEMA_VERSION, **entries})


def _without_none(value: Any, *optional: str) -> dict[str, Any]:
    """The fields of a dataclass, without the ``optional`` ones that are None."""
    found = asdict(value)
    return {name: one for name, one in found.items() if one is not None or name not in optional}


@cache
def _validator() -> jsonschema.Draft202012Validator:
    schema = json.loads(SCHEMA_FILE.read_text())
    schema["$defs"]["linkage"]["enum"] = list(LINKAGES)
    return jsonschema.Draft202012Validator(schema)


def check(entries: Any, where: str = "record") -> dict[str, Any]:
    """The entries themselves; raises ``RecordError`` naming the one that breaks the schema."""
    error = next(iter(_validator().iter_errors(entries)), None)
    if error is not None:
        raise RecordError(f"{where}: {error.json_path}: {' '.join(error.message.split())[:200]}")
    found: dict[str, Any] = entries
    return found


def latest_records(records: Iterable[Record]) -> list[Record]:
    """The last of the records with the same key, for each key."""
    return list({record.key: record for record in records}.values())
