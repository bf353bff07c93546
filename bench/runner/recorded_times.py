"""The measurements of records, in the form in which two runs are compared."""

from collections.abc import Sequence
from dataclasses import replace

from bench.runner.approximate_merges import is_approximate_merge
from bench.runner.record import Record
from merge_impls.measurement_statistics import each_alone, noise_floor
from merge_impls.run_comparison import ONE_PROBLEM, Measurement


def recorded_measurements(
    records: Sequence[Record], one_run: bool = False
) -> dict[str, Measurement]:
    """The measurement of each record that is done, by its cell. The last record of a cell counts.

    Its noise floor is that of the A/A measurement in the same rounds, which one of the records has; None
    without an A/A measurement.

    one_run: whether both runs of the comparison are one, so that records with the same conditions took turns.
    """
    floors = {
        _measured_together(each): floor
        for each in records
        if (floor := noise_floor(_noise(each))) is not None
    }
    found: dict[str, Measurement] = {}
    for record in records:
        if record.state == "done":
            turns = record.conditions or "" if one_run else ""
            floor = floors.get(_measured_together(record))
            for cell, each in _measurements(record).items():
                found[cell] = replace(each, turns=turns, floor=floor)
    return found


def _measurements(record: Record) -> dict[str, Measurement]:
    """The measurement of a record, or those of its fields, by cell."""
    cell, approximate = _cell_name(record), is_approximate_merge(record)
    seconds = {image.name: image.seconds for image in record.images if image.seconds}
    if record.is_of_fields:
        return {
            f"{cell}, {name}": Measurement({ONE_PROBLEM: each}, is_approximate=approximate)
            for name, each in seconds.items()
        }
    ap = record.scores["ap"] if record.scores else None
    return {cell: Measurement(seconds, ap=ap, is_approximate=approximate)}


def _measured_together(record: Record) -> tuple[str | None, ...]:
    """What records have in common whose methods took turns on the same problems."""
    cell = record.cell
    return record.conditions, cell.machine, cell.split, cell.linkage, cell.row, cell.scope


def _noise(record: Record) -> list[list[float]]:
    """The ratios of an A/A measurement: one list for each image, or for each round of a field."""
    ratios = [image.noise_ratios for image in record.images if image.noise_ratios]
    if not record.is_of_fields:
        return ratios
    return [alone for of_field in ratios for alone in each_alone(of_field)]


def _cell_name(record: Record) -> str:
    cell = record.cell
    parts = [cell.backend, cell.linkage, cell.row, cell.split, cell.scope]
    threads = f"{cell.threads} threads" if cell.threads > 1 else None
    machine = f"machine {cell.machine}" if cell.machine else None
    return ", ".join(filter(None, [*parts, threads, machine]))


NOISE_ALONE = "noise alone"
"""The state of a record in a selection of which only the A/A measurement counts."""


def select_backend(
    records: Sequence[Record], backend: str, new_name: str, where: str
) -> list[Record]:
    """The records of one backend or version, under a new name, so that they can be compared with another one.

    The records with the A/A measurement of other backends follow, in the state ``NOISE_ALONE``.

    where: the folder, for the error. Raises ValueError if no record is of the backend.
    """
    own = [record for record in records if record.cell.backend == backend]
    if not own:
        names = ", ".join(dict.fromkeys(record.cell.backend for record in records))
        raise ValueError(f"--backends: {where} has no backend {backend!r}; it has {names}")
    noise = [replace(each, state=NOISE_ALONE) for each in records if _noise(each)]
    renamed = [replace(record, cell=replace(record.cell, backend=new_name)) for record in own]
    return [*renamed, *(each for each in noise if each.cell.backend != backend)]
