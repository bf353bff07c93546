"""Damage of a file of records is an error of one line, and what is damaged is measured again."""

import json

import pytest

from bench.runner import records
from bench.runner.record import CHECKSUM
from bench.runner.record_schema import RecordError
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


@pytest.mark.parametrize(("lost", "repeated"), [(0, 2), (1, 0), (2, 1)])
def test_a_file_written_in_one_step_that_repeats_a_line_is_an_error(file, lost, repeated):
    records.write(file, [example_record(key=digit * 64) for digit in "abc"])
    lines = file.read_bytes().splitlines(keepends=True)
    lines[lost] = lines[repeated]
    file.write_bytes(b"".join(lines))
    first, second = sorted((lost + 1, repeated + 1))
    words = f"line {second}: repeats the record of line {first}, .*; run the study again"
    with pytest.raises(RecordError, match=words) as error:
        records.read(file)
    assert str(error.value).startswith(str(file)) and "\n" not in str(error.value)


def test_a_run_appends_a_new_record_with_the_key_of_an_old_one(file):
    for _ in range(2):
        records.append(file, example_record())
    assert len(records.read(file)) == 2


def test_an_unfinished_last_line_is_named_once_and_removed(file):
    for digit in "ab":
        records.append(file, example_record(key=digit * 64))
    file.write_bytes(file.read_bytes()[:-9])
    with pytest.warns(records.DamagedRecordWarning, match="last line is unfinished") as warned:
        records.remove_damaged_lines(file)
        assert [record.key[0] for record in records.read(file)] == ["a"]
    assert len(warned) == 1


def test_a_folder_in_place_of_records_is_named_with_the_remedy(tmp_path):
    (tmp_path / "records.jsonl").mkdir()
    with pytest.raises(OSError, match="records.jsonl cannot be read: it is a folder; move it away"):
        records.read(tmp_path / "records.jsonl")
