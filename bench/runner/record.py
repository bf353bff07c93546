"""The record of a study: the results of one method in one cell, with conversions to and from JSON.

A cell is one combination of method, linkage, number of threads, data and row of the study's table. The data
are the images of a split, whole or cropped, or synthetic problems ("fields") of one noise level
or one graph family.
``results/record.schema.json`` describes the JSON.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, Self

import jsonschema

from bench.runner.old_records import SCHEMA_VERSION, upgrade_record_entries
from merge_impls.argument_checks import LINKAGES
from merge_impls.timing import TimedRun

SCHEMA_FILE = Path(__file__).parents[2] / "results" / "record.schema.json"

CHECKSUM = "sha256"
"""The entry of a line of a file that holds the ``json_digest`` of all its other entries."""

COUNT = "records_in_file"
"""The entry of each line of a file that was written in one step: the number of these lines."""

PENDING = "pending"
"""The state of a record that has no results yet. Such a record is never written to a file."""

UNSUPPORTED = "unsupported"
"""The state of a record whose method cannot merge graphs of the record's family."""

Scores = Mapping[str, Any]
"""The scores that ``bench.evaluation`` computes, such as AP; the schema describes them under "scores"."""


class RecordError(ValueError):
    """A record does not follow the schema. The message is one line and names the wrong entry."""


@dataclass(frozen=True)
class Cell:
    """What a record was measured on: the method, its settings, and the data.

    split: the split of the images; for fields, the noise level (such as mild) or the graph family.
    model: the name of the networks; None if no networks were used, or if their name is unknown.
    backend: the name of the method. linkage: None for a method that merges nothing.
    scope: "maps" for whole images and fields, "crops" for one crop of each image.
    row: the name of the row in the study's table; None if the study has no variants.
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
class MeasuredProblem:
    """What was measured on one image (all its regions together) or on one field.

    name: of the image; for a field, its size. The lists hold the seconds of each round.
    identical: whether all results equal those of the reference, bit for bit; None if this was not checked.
    agreement, adjusted_rand, split_bits, merge_bits: of an approximate result with the reference's, see
        ``LabelAgreement``; agreement is the F-score. None for exact methods; older records have agreement
        alone.
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
    adjusted_rand: float | None = None
    split_bits: float | None = None
    merge_bits: float | None = None

    def to_json(self) -> dict[str, Any]:
        return _without_none(self, *_OPTIONAL_AGREEMENT)


_OPTIONAL_AGREEMENT = ("adjusted_rand", "split_bits", "merge_bits")


def agreement_entries(run: TimedRun | None) -> dict[str, float | None]:
    """The entries of a ``MeasuredProblem`` about the agreement of a run; None for an exact run."""
    if run is None or run.agreement is None:
        return {"agreement": None}
    entries = {name: getattr(run.agreement, name) for name in _OPTIONAL_AGREEMENT}
    return {"agreement": run.agreement.pair_f_score, **entries}


@dataclass(frozen=True)
class ApChange:
    """The change of AP from the row ``against``, with a paired bootstrap interval over the images.

    low, high: the bounds of the interval. rounds: the number of bootstrap samples.
    """

    against: str
    difference: float
    low: float
    high: float
    rounds: int


_OPTIONAL = ("noise", "paper_ap", "change", "backend_code")
"""The entries of a record that its JSON leaves out if they are None."""


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


@dataclass(frozen=True)
class Record:
    """The results of a study in one cell. The schema describes each entry.

    state: "done", "disagreed", "failed", "unavailable", or "unsupported" if the method cannot merge such
    graphs. reason: why the state is not "done", in one line.
    computes: what the method computes; "" if it follows the contract.
    backend_code: the SHA-256 of the code of a method that is not built in; None if there is none.
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
    images: list[MeasuredProblem] = field(default_factory=list)
    identical_to: str = ""
    scores: Scores | None = None
    first_call_seconds: float | None = None
    created: str = field(default_factory=_now)
    noise: float | None = None
    paper_ap: float | None = None
    change: ApChange | None = None
    backend_code: str | None = None

    @property
    def is_pending(self) -> bool:
        """Whether the method can run, but has no results yet."""
        return self.state == PENDING

    def with_results(self, **results: Any) -> Self:
        """A copy of the record with these results and the present time."""
        return replace(self, created=_now(), **results)

    @property
    def is_of_fields(self) -> bool:
        """Whether the problems are synthetic fields, not images."""
        return "fields" in self.hashes

    @classmethod
    def from_json(cls, entries: Any, where: str = "record") -> Self:
        """Make a record from a JSON value of any schema version. Raises ``RecordError`` for a wrong value.

        where: the place of the value, for the error.
        """
        content = dict(check_schema(upgrade_record_entries(entries), where))
        for name in ("schema", CHECKSUM, COUNT):
            content.pop(name, None)
        cell, images, change = (
            content.pop("cell"),
            content.pop("images"),
            content.pop("change", None),
        )
        return cls(
            **content,
            cell=Cell(**cell),
            images=[MeasuredProblem(**image) for image in images],
            change=change and ApChange(**change),
        )

    def to_json(self) -> dict[str, Any]:
        """The record as a JSON value. Raises ``RecordError`` if it does not follow the schema."""
        entries = _without_none(self, *_OPTIONAL)
        entries |= {"cell": self.cell.to_json(), "images": [each.to_json() for each in self.images]}
        return check_schema({"schema": SCHEMA_VERSION, **entries})


def _without_none(value: Any, *optional: str) -> dict[str, Any]:
    """The attributes of a dataclass as a dict. Those named in ``optional`` are left out if they are None."""
    found = asdict(value)
    return {name: one for name, one in found.items() if one is not None or name not in optional}


@cache
def _validator() -> jsonschema.Draft202012Validator:
    schema = json.loads(SCHEMA_FILE.read_text())
    schema["$defs"]["linkage"]["enum"] = list(LINKAGES)
    return jsonschema.Draft202012Validator(schema)


def check_schema(entries: Any, where: str = "record") -> dict[str, Any]:
    """Return ``entries`` unchanged. Raises ``RecordError`` if they do not follow the schema.

    where: the place of the record, for the error.
    """
    error = next(iter(_validator().iter_errors(entries)), None)
    if error is not None:
        raise RecordError(
            f"{where}: {error.json_path}: {' '.join(error.message.splitlines())[:200]}"
        )
    found: dict[str, Any] = entries
    return found


def latest_record_of_each_key(records: Iterable[Record]) -> list[Record]:
    """For each key, the last record with this key."""
    return list({record.key: record for record in records}.values())
