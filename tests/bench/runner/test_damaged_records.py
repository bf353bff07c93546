"""Damage of a file of records is an error of one line, and what is damaged is measured again."""

import json

import pytest

from bench.runner import records
from bench.runner.record import CHECKSUM, RecordError
from tests.bench.study_helpers import example_record


@pytest.fixture
def file(tmp_path):
    return tmp_path / "deep" / "records.jsonl"


def damaged_line(file, change):
    """Change the second of three appended lines, and return the error of reading the file."""
    for digit in "abc":
        records.append(file, example_record(key=digit * 64))
    lines = file.read_bytes().split(b"\n")
    lines[1] = change(lines[1])
    file.write_bytes(b"\n".join(lines))
    with pytest.raises(RecordError, match="line 2: .*; delete the line and run") as error:
        records.read(file)
    return str(error.value)


def test_an_edited_digit_is_an_error(file):
    assert "the checksum does not match" in damaged_line(
        file, lambda line: line.replace(b'"vertices": 8', b'"vertices": 9')
    )


def test_a_line_that_lost_its_checksum_is_damaged_and_not_old(file):
    def without_checksum(line):
        entries = json.loads(line)
        del entries[CHECKSUM]
        return json.dumps(entries).encode()

    assert "has no checksum" in damaged_line(file, without_checksum)


def test_a_line_of_an_older_schema_needs_no_checksum(file):
    file.parent.mkdir()
    old = example_record().to_json() | {"schema": 4}
    file.write_text(json.dumps(old) + "\n")
    assert [record.key for record in records.read(file)] == [old["key"]]


@pytest.mark.parametrize(
    "line", [b"[" * 100_000, b'{"schema": 5, "min_pixels": 1e999, "sha256": ""}']
)
def test_lines_that_json_cannot_hold_are_errors(file, line):
    damaged_line(file, lambda _: line)


def test_no_flipped_bit_of_a_record_goes_unnoticed(file):
    records.append(file, example_record())
    whole, kept = file.read_bytes(), records.read(file)
    for place in range(8 * (len(whole) - 1)):
        content = bytearray(whole)
        content[place // 8] ^= 1 << place % 8
        file.write_bytes(content)
        try:  # a flipped space between entries may become another space
            assert records.read(file) == kept
        except RecordError as error:
            assert str(error).startswith(f"{file}, line ") and "\n" not in str(error)


@pytest.mark.parametrize("lost", [0, 1, 2])
def test_a_file_written_in_one_step_that_lost_a_line_is_an_error(file, lost):
    records.write(file, [example_record(key=digit * 64) for digit in "abc"])
    lines = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(b"".join(lines[:lost] + lines[lost + 1 :]))
    with pytest.raises(RecordError, match="holds 2 of its 3 records; run the study again"):
        records.read(file)


def test_damaged_lines_are_named_and_removed_so_that_they_are_made_anew(file):
    damaged_line(file, lambda line: line.replace(b"0.5", b"0.6"))
    with pytest.warns(
        records.DamagedRecordWarning, match="line 2: .*; measuring it again"
    ) as warned:
        records.remove_damaged_lines(file)
    assert len(warned) == 1 and "\n" not in str(warned[0].message)
    assert [record.key[0] for record in records.read(file)] == ["a", "c"]
    before = file.stat()
    records.remove_damaged_lines(file)
    assert file.stat() == before
