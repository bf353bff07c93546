"""Reads the records of a run and those of other machines, copies of which lie in its folder.

A folder of a run holds its own records, and in ``machines/NAME`` copies of the folders of other machines.
``results/SCHEMA.md`` describes the layout.
"""

from collections.abc import Iterable
from pathlib import Path

from bench.runner import records
from bench.runner.record import Record, latest_record_of_each_key
from bench.runner.record_schema import RecordError

FILE_NAME = "records.jsonl"
"""The name of each file of records."""

MACHINES = "machines"
"""The name of the folder, in the folder of a run, that holds copies of the folders of other machines."""


def read_records_of_all_machines(folder: Path) -> list[Record]:
    """The records of a run, and those of other machines that lie in its folder; [] if there are none."""
    return read_files(files_of_all_machines(folder))


def read_records_of_other_machines(folder: Path) -> list[Record]:
    """The records of other machines that lie in the folder of a run."""
    return read_files(_files_of_other_machines(folder))


def files_of_all_machines(folder: Path) -> list[Path]:
    """The file of a run, which may be missing, and those of other machines that lie in its folder."""
    return [folder / FILE_NAME, *_files_of_other_machines(folder)]


def _files_of_other_machines(folder: Path) -> list[Path]:
    return sorted((folder / MACHINES).glob(f"*/{FILE_NAME}"))


def read_files(paths: Iterable[Path]) -> list[Record]:
    """The records of several files, in order.

    A record may be in two files if it is the same one. Raises ``RecordError`` if it has another content.
    """
    by_key: dict[str, tuple[Path, Record]] = {}
    for path in paths:
        for record in latest_record_of_each_key(records.read(path)):
            first, same = by_key.get(record.key, (path, None))
            if same is None:
                by_key[record.key] = path, record
            elif record != same:
                cell = f"{record.cell.backend}, {record.cell.linkage}, {record.cell.scope}"
                raise RecordError(
                    f"{path}: holds another record with the key {record.key[:7]} ({cell}) than "
                    f"{first}; delete one of the two lines"
                )
    return [record for _, record in by_key.values()]
