"""Texts in a report about the whole run: the machine, and what failed, disagreed or is not installed.

A cell is one combination of backend, linkage and images (or noise) in a study; it has one record.
"""

from collections.abc import Iterable, Sequence

from bench.runner.record import UNSUPPORTED, Record
from merge_impls.commands.exit_codes import CONFORMS, CRASHED, DISAGREES, SEVERITY, UNAVAILABLE
from merge_impls.fields import NOISE

EXIT_CODE_OF_STATE = {"failed": CRASHED, "disagreed": DISAGREES, "unavailable": UNAVAILABLE}
"""The exit code for each state of a record that counts as a failure."""


def describe_machine(records: Sequence[Record]) -> str:
    """A description of the machine on which all ``records`` were made."""
    return ", ".join(f"{key} {value}" for key, value in records[0].machine.items())


def describe_failed_and_wrong_cells(records: Iterable[Record]) -> list[str]:
    """A line for each cell that has no results, or whose results disagreed with those of the reference.

    Third-party methods that are not installed, and unsupported cells, have no line.
    """
    return [_describe_cell_and_reason(record) for record in _failed_and_wrong(records)]


def exit_code_of_cells(records: Iterable[Record]) -> int:
    """The exit code of a study: that of its worst failed or wrong cell."""
    codes = {EXIT_CODE_OF_STATE[record.state] for record in _failed_and_wrong(records)}
    return next((code for code in SEVERITY if code in codes), CONFORMS)


def _failed_and_wrong(records: Iterable[Record]) -> list[Record]:
    return [
        record
        for record in records
        if record.state not in ("done", UNSUPPORTED) and not _is_absent_third_party(record)
    ]


def describe_absent_third_party(records: Iterable[Record]) -> list[str]:
    """A line for each third-party method that is not installed. The line says how to install it."""
    absent = [record for record in records if _is_absent_third_party(record)]
    reasons = {record.cell.backend: record.reason for record in absent}
    return [f"{method}: {reason}" for method, reason in reasons.items()]


def describe_unsupported_families(records: Iterable[Record]) -> list[str]:
    """A line for each method that cannot merge the graphs of some families, with their names."""
    families: dict[str, list[str]] = {}
    for record in records:
        if record.state == UNSUPPORTED:
            families.setdefault(record.reason, []).append(record.cell.split)
    return [f"{reason}: {', '.join(dict.fromkeys(names))}" for reason, names in families.items()]


def _is_absent_third_party(record: Record) -> bool:
    return record.state == "unavailable" and bool(record.computes)


def _describe_cell_and_reason(record: Record) -> str:
    cell = record.cell
    where = cell.scope
    if record.is_of_fields:
        where = f"{cell.split} noise" if cell.split in NOISE else cell.split
    return f"{cell.backend}, {cell.linkage}, {where}: {record.state}: {record.reason}"
