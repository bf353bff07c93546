"""The measurements of records, in the form in which two runs are compared."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from bench.runner.record import Record
from merge_impls.run_comparison import Measurement


def recorded_measurements(records: Iterable[Record]) -> dict[str, Measurement]:
    """The measurement of each record that is done, by its cell. The last record of a cell counts."""
    found: dict[str, Measurement] = {}
    for record in records:
        if record.state != "done":
            continue
        if record.is_of_fields:
            found |= {
                f"{_cell_name(record)}, {image.name}": Measurement(dict(enumerate(image.seconds)))
                for image in record.images
            }
            continue
        seconds: dict[str | int, float] = {
            image.name: float(np.median(image.seconds)) for image in record.images if image.seconds
        }
        ap = record.scores["ap"] if record.scores else None
        found[_cell_name(record)] = Measurement(seconds, ap=ap)
    return found


def _cell_name(record: Record) -> str:
    cell = record.cell
    parts = [cell.backend, cell.linkage, cell.row, cell.split, cell.scope]
    threads = f"{cell.threads} threads" if cell.threads > 1 else None
    machine = f"machine {cell.machine}" if cell.machine else None
    return ", ".join(filter(None, [*parts, threads, machine]))


def select_backend(
    records: Sequence[Record], backend: str, new_name: str, where: str
) -> list[Record]:
    """The records of one backend or version, under a new name, so that they can be compared with another one.

    where: the folder, for the error. Raises ValueError if no record is of the backend.
    """
    own = [record for record in records if record.cell.backend == backend]
    if not own:
        names = ", ".join(dict.fromkeys(record.cell.backend for record in records))
        raise ValueError(f"--backends: {where} has no backend {backend!r}; it has {names}")
    return [replace(record, cell=replace(record.cell, backend=new_name)) for record in own]
