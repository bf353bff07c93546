"""Records of studies: one JSON line a cell, checked against ``results/record.schema.json``.

A cell is a backend or another method, a linkage and a scope, of one study.
"""

import fcntl
import json
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema

from merge_impls.argument_checks import LINKAGES
from merge_impls.files import atomic_write

SCHEMA_VERSION = 3
SCHEMA_FILE = Path(__file__).parents[2] / "results" / "record.schema.json"

Record = dict[str, Any]


class RecordError(ValueError):
    """A record breaks the schema, at a place that the message names in one line."""


@cache
def _validator() -> jsonschema.Draft202012Validator:
    schema = json.loads(SCHEMA_FILE.read_text())
    schema["$defs"]["linkage"]["enum"] = list(LINKAGES)
    return jsonschema.Draft202012Validator(schema)


def check(record: Record, where: str = "record") -> Record:
    """The record itself; raises ``RecordError`` naming the entry that breaks the schema."""
    error = next(iter(_validator().iter_errors(record)), None)
    if error is not None:
        raise RecordError(f"{where}: {error.json_path}: {' '.join(error.message.split())[:200]}")
    return record


def make(**content: Any) -> Record:
    """A checked record with schema version and time added."""
    created = datetime.now(UTC).isoformat(timespec="seconds")
    return check({"schema": SCHEMA_VERSION, "created": created, **content})


def make_absent(state: str, reason: str, **content: Any) -> Record:
    """The record of a method that is "unavailable", or "failed" to start."""
    return make(
        state=state,
        reason=reason,
        images=[],
        scores=None,
        identical_to="",
        first_call_seconds=None,
        **content,
    )


def read(path: Path) -> list[Record]:
    """All records of a file, in the order they were made; none if there is no file.

    A last line without a line end was being written when the program was killed: it is left out.
    Raises ``RecordError`` for any other line that is not a record.
    """
    if not path.exists():
        return []
    records = []
    for number, line in enumerate(path.read_bytes().split(b"\n")[:-1], start=1):
        where = f"{path}, line {number}"
        try:
            record = json.loads(line, parse_constant=_refuse)
        except ValueError as error:
            raise RecordError(f"{where}: not JSON ({error}); delete the line") from None
        records.append(check(record, where))
    return records


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no number")


def append(path: Path, record: Record) -> None:
    """Add a record at the end of a file, after dropping a line that a killed program left unfinished.

    Several processes may append to one file: each waits for the others.
    """
    line = _line(record)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        file.truncate(file.read().rfind(b"\n") + 1)
        file.write(line)


def write(path: Path, records: Iterable[Record]) -> None:
    """Write a file of records in one step."""
    with atomic_write(path) as partial:
        partial.write_bytes(b"".join(_line(record) for record in records))


def _line(record: Record) -> bytes:
    return (json.dumps(check(record), allow_nan=False) + "\n").encode()
