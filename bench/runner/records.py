"""Reads and writes files of records. Each line holds one record as JSON, with a checksum."""

import fcntl
import json
import os
import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import Any, BinaryIO

from bench.digests import json_digest
from bench.runner.old_records import SCHEMAS_WITHOUT_CHECKSUM
from bench.runner.record import CHECKSUM, COUNT, Record
from bench.runner.record_schema import RecordError
from merge_impls.file_writing import atomic_write, unwritable
from models.kept_files import KeptFileWarning, read_whole_file

BYTES_OF_STEP = 2**16
"""How many bytes of a file are read at once in the search for its last line end."""


class DamagedRecordWarning(KeptFileWarning):
    """Warns that a line of a file of records is damaged, and that its record is measured again."""


def read(path: Path) -> list[Record]:
    """Read all records of a file, in the order of the lines. Returns [] if the file does not exist.

    A last line without a line end is left out with a ``DamagedRecordWarning``: a program was killed while it
    appended the line.
    Raises ``RecordError`` for any other line that is not a record or does not fit its checksum, for two lines
    with one key and different results, and for a file that was written in one step and has lost or repeats
    a line.
    """
    records, counts = list[Record](), []
    lines_by_key: dict[str, int] = {}
    for number, line in enumerate(_lines(path), start=1):
        try:
            record, count = _parse_line(line, f"{path}, line {number}")
        except RecordError as error:
            raise RecordError(f"{error}; delete the line and run the study again") from None
        records.append(record)
        first = lines_by_key.setdefault(record.key, number)
        if not record.has_results_of(records[first - 1]):
            raise RecordError(
                f"{path}, line {number}: has the key of line {first}, but other results; delete one of "
                "the two lines and run the study again"
            )
        if count is not None:
            counts.append(count)
            _check_no_line_is_repeated(path, first, number)
    _check_no_line_is_lost(path, counts)
    return records


def no_records_error(folder: Path) -> RecordError:
    """The error for the folder of a run, or of its report, that holds no records."""
    path = folder / "records.jsonl"
    return RecordError(
        f"{path} holds no records; give a folder in results/, of a run or of its report"
    )


def _check_no_line_is_lost(path: Path, counts: list[int]) -> None:
    """Raise ``RecordError`` unless each of ``counts``, the entries ``COUNT`` of a file, is their number."""
    if any(count != len(counts) for count in counts):
        raise RecordError(
            f"{path}: holds {len(counts)} of its {max(counts)} records; run the study again"
        )


def _check_no_line_is_repeated(path: Path, first: int, number: int) -> None:
    """Raise ``RecordError`` if ``first``, the first line with the key of line ``number``, is another line."""
    if first != number:
        raise RecordError(
            f"{path}, line {number}: repeats the record of line {first}, so another record is lost; "
            "run the study again"
        )


def remove_damaged_lines(path: Path) -> None:
    """Remove each line of a file that is not a record, and an unfinished last line.

    Warns of each with ``DamagedRecordWarning``.
    """
    lines, undamaged = _lines(path), []
    for number, line in enumerate(lines, start=1):
        try:
            _parse_line(line, f"{path}, line {number}")
        except RecordError as error:
            warnings.warn(f"{error}; measuring it again", DamagedRecordWarning, stacklevel=2)
        else:
            undamaged.append(line)
    content = b"".join(line + b"\n" for line in undamaged)
    if path.exists() and len(content) < path.stat().st_size:
        with atomic_write(path) as partial:
            partial.write_bytes(content)


def _lines(path: Path) -> list[bytes]:
    """The lines of a file that have a line end; [] if the file does not exist."""
    try:
        *lines, unfinished = read_whole_file(path).split(b"\n")
    except FileNotFoundError:
        return []
    if unfinished:
        message = f"{path}: the last line is unfinished, so its record is left out"
        warnings.warn(message, DamagedRecordWarning, stacklevel=3)
    return lines


def _parse_line(line: bytes, where: str) -> tuple[Record, int | None]:
    """The record of a line, and its entry ``COUNT``. Raises ``RecordError`` for a damaged line."""
    try:
        entries = json.loads(line, parse_constant=_refuse_nan_and_infinity)
    except (ValueError, RecursionError) as error:
        raise RecordError(f"{where}: not JSON ({error})") from None
    if isinstance(entries, dict):
        try:
            _check_and_remove_checksum(entries)
        except ValueError as error:
            raise RecordError(f"{where}: {error}") from None
    return Record.from_json(entries, where), entries.get(COUNT)


def _check_and_remove_checksum(entries: dict[str, Any]) -> None:
    """Raise ValueError if the entries of a line do not fit their checksum, or lack it."""
    checksum = entries.pop(CHECKSUM, None)
    if checksum is None and entries.get("schema") not in SCHEMAS_WITHOUT_CHECKSUM:
        raise ValueError("the record has no checksum")
    if checksum is not None and checksum != json_digest(entries):
        raise ValueError("the checksum does not match the record")


def _refuse_nan_and_infinity(constant: str) -> None:
    raise ValueError(f"{constant} is not allowed")


def append(path: Path, record: Record) -> None:
    """Add a record at the end of a file. A last line without a line end is removed first.

    Several processes may append to the same file at the same time, because each locks the file.
    """
    line = _json_line(record.to_json())
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            file.truncate(_end_of_last_line(file))
            file.write(line)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise unwritable(path, error) from None


def _end_of_last_line(file: BinaryIO) -> int:
    """The place after the last line end of a file, read from the end; 0 if the file has no line end."""
    place = file.seek(0, os.SEEK_END)
    while place:
        start = max(0, place - BYTES_OF_STEP)
        file.seek(start)
        found = file.read(place - start).rfind(b"\n")
        if found >= 0:
            return start + found + 1
        place = start
    return 0


def write(path: Path, records: Iterable[Record]) -> None:
    """Write a file of records completely or not at all."""
    found = [record.to_json() for record in records]
    with atomic_write(path) as partial:
        partial.write_bytes(
            b"".join(_json_line(entries | {COUNT: len(found)}) for entries in found)
        )


def _json_line(entries: dict[str, Any]) -> bytes:
    with_checksum = entries | {CHECKSUM: json_digest(entries)}
    return (json.dumps(with_checksum, allow_nan=False) + "\n").encode()
