"""Records have the entries of the schema, and their file stays readable if a program is killed."""

import copy
import json
import math
from dataclasses import fields

import pytest

from bench.runner import records
from bench.runner.old_records import SCHEMA_VERSION
from bench.runner.record import (
    CHECKSUM,
    COUNT,
    ApChange,
    Cell,
    MeasuredProblem,
    Record,
)
from bench.runner.record_schema import SCHEMA_FILE, RecordError
from tests.bench.study_helpers import example_record

RESULTS = SCHEMA_FILE.parent


@pytest.fixture
def file(tmp_path):
    return tmp_path / "deep" / "records.jsonl"


def test_records_come_back_as_they_were_appended(file):
    kept = [example_record(key=digit * 64) for digit in "abc"]
    for record in kept:
        records.append(file, record)
    assert records.read(file) == kept
    assert len(file.read_text().splitlines()) == 3


def test_a_file_written_in_one_step_reads_the_same(file):
    kept = [example_record(key=digit * 64) for digit in "ab"]
    records.write(file, kept)
    assert records.read(file) == kept
    assert list(file.parent.iterdir()) == [file]


def test_a_missing_file_has_no_records(file):
    assert records.read(file) == []


def test_a_record_says_its_schema_and_when_it_was_made():
    record = example_record()
    assert record.to_json()["schema"] == SCHEMA_VERSION
    assert record.created.endswith("+00:00")


@pytest.mark.parametrize(
    ("kind", "place"),
    [
        (Record, ("properties",)),
        (Cell, ("properties", "cell", "properties")),
        (MeasuredProblem, ("properties", "images", "items", "properties")),
        (ApChange, ("properties", "change", "properties")),
    ],
)
def test_the_schema_describes_the_entries_of_a_record(kind, place):
    described = entry_at(json.loads(SCHEMA_FILE.read_text()), place)
    of_lines = {"schema", CHECKSUM, COUNT} if kind is Record else set()
    labels = {"machine"} if kind is Cell else set()  # of lists of records, never written
    assert described.keys() == {field.name for field in fields(kind)} - labels | of_lines


@pytest.mark.parametrize("study", sorted(path.parent.name for path in RESULTS.glob("*/*.jsonl")))
def test_a_committed_file_of_records_is_what_would_be_written_again(study, file):
    path = RESULTS / study / "records.jsonl"
    records.write(file, records.read(path))
    assert file.read_bytes() == path.read_bytes()


@pytest.mark.parametrize("bytes_of_step", [records.BYTES_OF_STEP, 100])
def test_an_unfinished_last_line_is_not_read_and_the_next_append_drops_it(
    file, bytes_of_step, monkeypatch
):
    monkeypatch.setattr(records, "BYTES_OF_STEP", bytes_of_step)
    first, last, new = (example_record(key=digit * 64) for digit in "abc")
    records.append(file, first)
    records.append(file, last)
    whole = file.read_bytes()
    start = whole.index(b"\n") + 1
    for end in range(start, len(whole), 7):
        file.write_bytes(whole[:end])
        assert records.read(file) == [first]
        records.append(file, new)
        assert records.read(file) == [first, new]


FOREIGN = [b"not json", b'{"a": 1}', b"[]", b"", b"{}", b'{"schema": 2}', b'"\xff"', b"\0"]


@pytest.mark.parametrize("line", FOREIGN)
def test_the_error_for_an_invalid_line_has_its_number(file, line):
    records.append(file, example_record())
    with file.open("ab") as lines:
        lines.write(line + b"\n")
    records.append(file, example_record())
    with pytest.raises(RecordError, match="line 2: ") as error:
        records.read(file)
    assert str(file) in str(error.value)
    assert "\n" not in str(error.value)


def paths_of(value, path=()):
    """The paths of all entries of the objects in a JSON value."""
    if isinstance(value, dict):
        for name, item in value.items():
            yield (*path, name)
            yield from paths_of(item, (*path, name))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from paths_of(item, (*path, index))


def entry_at(record, path):
    for step in path:
        record = record[step]
    return record


OPEN = {"machine", "per_class"}
"""Objects whose entries are free."""


def of_fields():
    """A record of a study of fields, which has no network and no scores."""
    cell = {"dataset": "fields", "split": "mild", "model": None}
    hashes = dict.fromkeys(["fields", "merge_impls", "bench"], "1")
    return example_record(
        cell, scores=None, computes="another rule", hashes=hashes, created="2026-01-01"
    )


REQUIRED = [
    (make, path)
    for make in (example_record, of_fields)
    for path in paths_of(make().to_json())
    if not OPEN & set(path[:-1]) and path != ("hashes", "fields")
]


@pytest.mark.parametrize(
    ("make", "path"), REQUIRED, ids=lambda part: getattr(part, "__name__", str(part))
)
def test_every_entry_is_required(make, path):
    record = copy.deepcopy(make().to_json())
    del entry_at(record, path[:-1])[path[-1]]
    with pytest.raises(RecordError, match=f"'{path[-1]}' is a required property"):
        Record.from_json(record)


def test_the_hashes_of_neither_images_nor_fields_are_refused():
    record = of_fields().to_json()
    record["hashes"] = {"merge_impls": "1", "bench": "1"}
    with pytest.raises(RecordError, match="'images' is a required property"):
        Record.from_json(record)


ADDED_TO_IMAGES = [
    "regions",
    "cpu_seconds",
    "call_seconds",
    "conversion_seconds",
    "peak_bytes",
    "input_bytes",
    "agreement",
]


@pytest.mark.parametrize("schema", [1, 2, 3])
def test_an_old_record_of_images_is_read_without_what_was_added(schema):
    record = example_record().to_json() | {"schema": schema}
    for name in ("computes", "strategy", "truth"):
        del record[name]
    for name in ADDED_TO_IMAGES:
        del record["images"][0][name]
    read = Record.from_json(record)
    (image,) = read.images
    assert (read.computes, read.strategy, read.truth) == ("", {}, [])
    assert (image.regions, image.call_seconds, image.peak_bytes) == (1, [], None)
    assert image.seconds == [0.1, 0.2] and read.to_json()["schema"] == SCHEMA_VERSION


@pytest.mark.parametrize("name", [name for name in ADDED_TO_IMAGES if name != "regions"])
def test_an_old_record_of_fields_keeps_all_its_entries(name):
    record = of_fields().to_json() | {"schema": 2}
    assert Record.from_json(record) == of_fields()
    del record["images"][0][name]
    with pytest.raises(RecordError, match=f"'{name}' is a required property"):
        Record.from_json(record)


@pytest.mark.parametrize("entry", ["key", "computes", "images"])
def test_an_old_record_still_needs_what_it_always_needed(entry):
    record = of_fields().to_json() | {"schema": 2}
    del record[entry]
    with pytest.raises(RecordError, match=f"'{entry}' is a required property"):
        Record.from_json(record)


def test_a_record_of_a_later_schema_is_refused():
    with pytest.raises(RecordError, match="schema"):
        Record.from_json(example_record().to_json() | {"schema": SCHEMA_VERSION + 1})


def test_an_entry_that_the_schema_does_not_know_is_refused():
    for place in [(), ("cell",), ("images", 0), ("scores",)]:
        record = copy.deepcopy(example_record().to_json())
        entry_at(record, place)["colour"] = "blue"
        with pytest.raises(RecordError, match="'colour' was unexpected"):
            Record.from_json(record)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("state",), "fine"),
        (("key",), "abc"),
        (("thresholds", 0), 1.5),
        (("cell", "linkage"), "none such"),
        (("images", 0, "seconds", 0), -1),
        (("images", 0, "identical"), "yes"),
    ],
)
def test_the_error_names_an_invalid_entry(path, value):
    record = copy.deepcopy(example_record().to_json())
    entry_at(record, path[:-1])[path[-1]] = value
    with pytest.raises(RecordError, match=rf"record: \$\.{path[0]}"):
        Record.from_json(record)


def test_a_record_that_breaks_the_schema_is_not_written(file):
    with pytest.raises(RecordError, match=r"record: \$\.key"):
        records.append(file, example_record(key="abc"))
    assert not file.exists()


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_nan_and_infinity_are_never_written(file, value):
    records.append(file, example_record())
    record = example_record(first_call_seconds=value)
    for write in (records.append, lambda file, record: records.write(file, [record])):
        with pytest.raises(ValueError):
            write(file, record)
    assert len(records.read(file)) == 1


def test_nan_and_infinity_are_not_read(file):
    file.parent.mkdir()
    line = json.dumps(example_record(first_call_seconds=math.nan).to_json())
    file.write_text(f"{line}\n")
    with pytest.raises(RecordError, match="line 1"):
        records.read(file)
