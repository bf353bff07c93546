"""Records: lines that keep the schema, and files that survive a killed program."""

import copy
import json
import math

import pytest

from bench.runner import records
from bench.runner.records import RecordError


def example(**changes):
    image = {
        "name": "a",
        "vertices": 8,
        "edges": 12,
        "merges": 5,
        "segments": 3,
        "seconds": [0.1, 0.2],
        "identical": True,
    }
    cell = {
        "dataset": "scenes",
        "split": "val",
        "model": "tiny",
        "backend": "c",
        "linkage": "average",
        "threads": 1,
        "scope": "maps",
    }
    scores = {"ap": 0.5, "ap50": None, "per_class": {"car": [0.5, None]}, "num_images": 1}
    content = {
        "key": "0" * 64,
        "study": "small",
        "state": "done",
        "reason": "",
        "cell": cell,
        "backend_version": "1.0",
        "thresholds": [0.9, 0.5],
        "min_pixels": 50,
        "images": [image],
        "identical_to": "networkx on crops",
        "scores": scores | {"evaluator": "the official one"},
        "first_call_seconds": 0.5,
        "hashes": dict.fromkeys(
            ["images", "annotation", "weights", "merge_impls", "bench", "torch"], "1"
        ),
        "machine": {"cores": 2},
    }
    return records.make(**(content | changes))


@pytest.fixture
def file(tmp_path):
    return tmp_path / "deep" / "records.jsonl"


def test_records_come_back_as_they_were_appended(file):
    kept = [example(key=digit * 64) for digit in "abc"]
    for record in kept:
        records.append(file, record)
    assert records.read(file) == kept
    assert len(file.read_text().splitlines()) == 3


def test_a_file_written_in_one_step_reads_the_same(file):
    kept = [example(key=digit * 64) for digit in "ab"]
    records.write(file, kept)
    assert records.read(file) == kept
    assert list(file.parent.iterdir()) == [file]


def test_no_file_is_no_records(file):
    assert records.read(file) == []


def test_a_record_says_its_schema_and_when_it_was_made():
    record = example()
    assert record["schema"] == records.SCHEMA_VERSION
    assert record["created"].endswith("+00:00")


def test_an_unfinished_last_line_is_not_read_and_the_next_append_drops_it(file):
    first, last, new = (example(key=digit * 64) for digit in "abc")
    records.write(file, [first, last])
    whole = file.read_bytes()
    start = whole.index(b"\n") + 1
    for end in range(start, len(whole), 7):
        file.write_bytes(whole[:end])
        assert records.read(file) == [first]
        records.append(file, new)
        assert records.read(file) == [first, new]


FOREIGN = [b"not json", b'{"a": 1}', b"[]", b"", b"{}", b'{"schema": 2}', b'"\xff"', b"\0"]


@pytest.mark.parametrize("line", FOREIGN)
def test_a_foreign_line_is_one_line_of_error_with_its_number(file, line):
    records.append(file, example())
    with file.open("ab") as lines:
        lines.write(line + b"\n")
    records.append(file, example())
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

REQUIRED = [path for path in paths_of(example()) if not OPEN & set(path[:-1])]


@pytest.mark.parametrize("path", REQUIRED, ids=lambda path: ".".join(map(str, path)))
def test_every_entry_is_required(path):
    record = copy.deepcopy(example())
    del entry_at(record, path[:-1])[path[-1]]
    with pytest.raises(RecordError, match=f"'{path[-1]}' is a required property"):
        records.check(record)


OF_FIELDS = ["cpu_seconds", "call_seconds", "conversion_seconds"]


def of_fields():
    """A record of the study of fields: no network, no scores, and more about every merge."""
    record = example()
    cell = record["cell"] | {"dataset": "fields", "split": "mild", "model": None}
    more = dict.fromkeys(OF_FIELDS, [0.1]) | {"peak_bytes": None, "input_bytes": 9}
    return record | {
        "cell": cell,
        "computes": "another rule",
        "scores": None,
        "images": [image | more | {"agreement": 0.5} for image in record["images"]],
        "hashes": dict.fromkeys(["fields", "merge_impls", "bench"], "1"),
    }


@pytest.mark.parametrize(
    "path",
    [
        ("computes",),
        ("hashes", "fields"),
        *(("images", 0, name) for name in [*OF_FIELDS, "peak_bytes", "input_bytes", "agreement"]),
    ],
    ids=str,
)
def test_what_a_study_of_fields_adds_is_required_there(path):
    record = records.check(of_fields())
    del entry_at(record, path[:-1])[path[-1]]
    with pytest.raises(RecordError, match=f"'{path[-1]}' is a required property"):
        records.check(record)


def test_a_record_of_the_first_schema_is_still_one():
    assert records.check(example() | {"schema": 1})["schema"] == 1
    with pytest.raises(RecordError, match="schema"):
        records.check(example() | {"schema": records.SCHEMA_VERSION + 1})


def test_an_entry_that_the_schema_does_not_know_is_refused():
    for place in [(), ("cell",), ("images", 0), ("scores",)]:
        record = copy.deepcopy(example())
        entry_at(record, place)["colour"] = "blue"
        with pytest.raises(RecordError, match="'colour' was unexpected"):
            records.check(record)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("state",), "fine"),
        (("key",), "abc"),
        (("thresholds", 0), 1.5),
        (("cell", "linkage"), "median"),
        (("images", 0, "seconds", 0), -1),
        (("images", 0, "identical"), "yes"),
    ],
)
def test_an_entry_that_means_nothing_is_named(path, value):
    record = copy.deepcopy(example())
    entry_at(record, path[:-1])[path[-1]] = value
    with pytest.raises(RecordError, match=rf"record: \$\.{path[0]}"):
        records.check(record)


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_what_is_no_number_is_never_written(file, value):
    records.append(file, example())
    record = example(first_call_seconds=value)
    for write in (records.append, lambda file, record: records.write(file, [record])):
        with pytest.raises(ValueError):
            write(file, record)
    assert len(records.read(file)) == 1


def test_what_is_no_number_is_not_read_either(file):
    file.parent.mkdir()
    line = json.dumps(example(first_call_seconds=math.nan))
    file.write_text(f"{line}\n")
    with pytest.raises(RecordError, match="line 1"):
        records.read(file)
