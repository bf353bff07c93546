"""Reads and writes files of records. Each line holds one record as JSON."""

import fcntl
import json
from collections.abc import Iterable
from pathlib import Path

from bench.runner.record import Record, RecordError
from merge_impls.file_writing import atomic_write


def read(path: Path) -> list[Record]:
    """Read all records of a file, in the order of the lines. Returns [] if the file does not exist.

    A last line without a line end is ignored, because a program was killed while it wrote the line.
    Raises ``RecordError`` for any other line that is not a record.
    """
    if not path.exists():
        return []
    records = []
    for number, line in enumerate(path.read_bytes().split(b"\n")[:-1], start=1):
        where = f"{path}, line {number}"
        try:
            entries = json.loads(line, parse_constant=_refuse_nan_and_infinity)
        except ValueError as error:
            raise RecordError(f"{where}: not JSON ({error}); delete the line") from None
        records.append(Record.from_json(entries, where))
    return records


def _refuse_nan_and_infinity(constant: str) -> None:
    raise ValueError(f"{constant} is not allowed")


def append(path: Path, record: Record) -> None:
    """Add a record at the end of a file. A last line without a line end is removed first.

    Several processes may append to the same file at the same time, because each locks the file.
    """
    line = _json_line(record)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        file.truncate(file.read().rfind(b"\n") + 1)
        file.write(line)


def write(path: Path, records: Iterable[Record]) -> None:
    """Write a file of records completely or not at all."""
    with atomic_write(path) as partial:
        partial.write_bytes(b"".join(_json_line(record) for record in records))


def _json_line(record: Record) -> bytes:
    return (json.dumps(record.to_json(), allow_nan=False) + "\n").encode()
