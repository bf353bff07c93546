"""The record of a study: the results of one method in one cell, with conversions to and from JSON.

A cell is one combination of method, linkage, number of threads, data and row of the study's table. The data
are the images of a split, whole or cropped, or synthetic problems ("fields") of one noise level
or one graph family.
``results/record.schema.json`` describes the JSON.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Self

from bench.digests import json_digest
from bench.methods.method import shown_name
from bench.runner.old_records import SCHEMA_VERSION, upgrade_record_entries
from bench.runner.record_schema import RecordError, check_schema
from merge_impls.measurement_statistics import ratios_by_round
from merge_impls.timing import TimedRun

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


@dataclass(frozen=True)
class Cell:
    """What a record was measured on: the method, its settings, and the data.

    split: the split of the images; for fields, the noise level (such as mild) or the graph family.
    model: the name of the networks; None if no networks were used, or if their name is unknown.
    backend: the name of the method. linkage: None for a method that merges nothing.
    scope: "maps" for whole images and fields, "crops" for one crop of each image.
    row: the name of the row in the study's table; None if the study has no variants.
    machine: a label such as "2" if a list has records of several machines; else "". It is never written.
    """

    dataset: str
    split: str
    model: str | None
    backend: str
    linkage: str | None
    threads: int = 1
    scope: str = "maps"
    row: str | None = None
    machine: str = ""

    def to_json(self) -> dict[str, Any]:
        entries = _without_none(self, "row")
        del entries["machine"]
        return entries


@dataclass(frozen=True)
class MeasuredProblem:
    """What was measured on one image (all its regions together) or on one field.

    name: of the image; for a field, its size. The lists hold the seconds of each round.
    identical: whether all results equal those of the reference, bit for bit; None if this was not checked.
    tied_merges: see ``bench.runner.problem_change.count_tied_merges``; None if it is not known.
    agreement, adjusted_rand, split_bits, merge_bits: of an approximate result with the reference's, see
        ``LabelAgreement``. None for exact methods; older records have the F-score, agreement, alone.
    seconds_again: of a second process of the method in the same rounds, an A/A measurement; None without it.
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
    tied_merges: int | None = None
    seconds_again: list[float] | None = None

    @property
    def noise_ratios(self) -> list[float]:
        """For each round of an A/A measurement, the second process's time over the first one's."""
        return ratios_by_round(self.seconds_again or [], self.seconds)

    def to_json(self) -> dict[str, Any]:
        return _without_none(self, *_OPTIONAL_AGREEMENT, "tied_merges", "seconds_again")


_OPTIONAL_AGREEMENT = ("adjusted_rand", "split_bits", "merge_bits")


def agreement_entries(run: TimedRun | None) -> dict[str, Any]:
    """The entries of a ``MeasuredProblem`` about the agreement of a run; None for an exact run."""
    if run is None or run.agreement is None:
        return {"agreement": None}
    entries = {name: getattr(run.agreement, name) for name in _OPTIONAL_AGREEMENT}
    return {"agreement": run.agreement.pair_f_score, **entries}


@dataclass(frozen=True)
class ApChange:
    """The change of AP from the row ``against``, with a paired bootstrap interval over the images.

    low, high: the bounds of the interval. rounds: the number of bootstrap samples.
    key: see ``bench.runner.scores_key``; None in records of older versions.
    """

    against: str
    difference: float
    low: float
    high: float
    rounds: int
    key: str | None = None

    def to_json(self) -> dict[str, Any]:
        return _without_none(self, "key")


_OPTIONAL = (
    *("noise", "problem_change", "paper_ap", "change", "backend_code"),
    *("baseline", "conditions", "inputs", "scores_key", "given_maps"),
)
"""The entries of a record that its JSON leaves out if they are None."""


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


@dataclass(frozen=True)
class Record:
    """The results of a study in one cell. The schema describes each entry.

    state: "done", "disagreed", "failed", "unavailable", or "unsupported" if the method cannot merge such
    graphs. reason: why it is not "done". computes: what the method computes; "" if it follows the contract.
    backend_code: the SHA-256 of the code of a method that is not built in, or None. baseline: the name of the
    method that the study divides times by; None if the study names none.
    conditions: a digest that records share if their methods took turns on one machine; times of records with
        different conditions are not paired. inputs: a digest of all else that determines the record, beside
        the entries that ``with_key`` reads. scores_key: see that module. Older records lack all three.
    given_maps: the folder of the maps that replace a network, by its name; None without such maps.
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
    problem_change: Mapping[str, Any] | None = None
    paper_ap: float | None = None
    change: ApChange | None = None
    backend_code: str | None = None
    baseline: str | None = None
    conditions: str | None = None
    inputs: str | None = None
    scores_key: str | None = None
    given_maps: Mapping[str, str] | None = None

    @property
    def is_pending(self) -> bool:
        """Whether the method can run, but has no results yet."""
        return self.state == PENDING

    @property
    def version(self) -> tuple[str, str | None]:
        """The version of the method, and the digest of its code if it is not built in."""
        return self.backend_version, self.backend_code

    @property
    def question(self) -> str:
        """A digest of the cell, the settings and the data, without the code and the machine.

        Two records with the same question are of two versions of a method, of two machines, or of two runs.
        """
        names = ("study", "thresholds", "min_pixels", "strategy", "truth", "noise")
        changes = {"problem_change": self.problem_change} if self.problem_change else {}
        data = ("images", "annotation", "weights", "fields")
        return json_digest(
            {
                "cell": {**self.cell.to_json(), "backend": shown_name(self.cell.backend)},
                "problems": [image.name for image in self.images],
                **{name: getattr(self, name) for name in names},
                **changes,
                **{name: self.hashes.get(name) for name in data},
            }
        )

    def has_results_of(self, other: Self) -> bool:
        """Whether two records with one key have equal scores, merges and segments; times may differ.

        True if one of them failed, or if the method is approximate, because it may decide at random.
        """
        if {self.state, other.state} != {"done"} or self.computes:
            return True
        names = ("name", "vertices", "edges", "merges", "segments")
        own, others = (
            [[getattr(image, name) for name in names] for image in each.images]
            for each in (self, other)
        )
        return own == others and self.scores == other.scores

    def with_results(self, **results: Any) -> Self:
        """A copy of the record with these results and the present time."""
        return replace(self, created=_now(), **results)

    @property
    def is_of_fields(self) -> bool:
        """Whether the problems are synthetic fields, not images."""
        return "fields" in self.hashes

    def with_key(self) -> Self:
        """A copy of the record with the key that belongs to its entries."""
        return replace(self, key=self._key_of_entries())

    def _key_of_entries(self) -> str:
        """SHA-256 of the cell, the code, the machine, the data, ``conditions`` and ``inputs``."""
        names = ("version", "hashes", "machine", "conditions", "inputs")
        return json_digest(
            {"cell": self.cell.to_json(), **{name: getattr(self, name) for name in names}}
        )

    @classmethod
    def from_json(cls, entries: Any, where: str = "record") -> Self:
        """Make a record from a JSON value of any schema version. Raises ``RecordError`` for a wrong value.

        The key of a record that has ``inputs`` must belong to its entries.

        where: the place of the value, for the error.
        """
        content = dict(check_schema(upgrade_record_entries(entries), where))
        for name in ("schema", CHECKSUM, COUNT):
            content.pop(name, None)
        cell, images = content.pop("cell"), content.pop("images")
        change = content.pop("change", None)
        record = cls(
            **content,
            cell=Cell(**cell),
            images=[MeasuredProblem(**image) for image in images],
            change=change and ApChange(**change),
        )
        if record.inputs is not None and record.key != record._key_of_entries():
            raise RecordError(
                f"{where}: the key belongs to another cell, machine, data or code than the record names"
            )
        return record

    def to_json(self) -> dict[str, Any]:
        """The record as a JSON value. Raises ``RecordError`` if it does not follow the schema."""
        entries = _without_none(self, *_OPTIONAL)
        entries |= {"cell": self.cell.to_json(), "images": [each.to_json() for each in self.images]}
        if self.change is not None:
            entries["change"] = self.change.to_json()
        return check_schema({"schema": SCHEMA_VERSION, **entries})


def _without_none(value: Any, *optional: str) -> dict[str, Any]:
    """The attributes of a dataclass as a dict. Those named in ``optional`` are left out if they are None."""
    found = asdict(value)
    return {name: one for name, one in found.items() if one is not None or name not in optional}


def latest_record_of_each_key(records: Iterable[Record]) -> list[Record]:
    """For each key, the last record with this key."""
    return list({record.key: record for record in records}.values())


def latest_record_of_each_cell(records: Iterable[Record]) -> list[Record]:
    """For each cell, the last record of this cell, in the order in which the cells first occur."""
    return list({record.cell: record for record in records}.values())
