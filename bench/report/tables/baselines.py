"""Which method the times of a record are divided by: one that is chosen, that of the study, or a default."""

from collections.abc import Iterable, Sequence

from bench.methods.method import shown_name, unversioned_name
from bench.report.tables.field_measurements import Turns, shared_turns
from bench.runner.record import Record

DEFAULT_BASELINES = ("heap", "networkx", "numba")
"""The baselines of images whose study names none: the first of these methods that has times."""


def baselines_of_images(
    record: Record, records: Iterable[Record], chosen: str | None = None
) -> list[str]:
    """The names in ``records`` of the methods that the times of a record of images may be divided by.

    The first of them that has times is the baseline. All versions of a method are listed; times are only
    compared with the version that took turns. chosen: the baseline; None for the one that the record names.
    """
    named = _named_baseline(record, chosen)
    wanted = DEFAULT_BASELINES if named is None else (named,)
    names = dict.fromkeys(each.cell.backend for each in records)
    return [name for baseline in wanted for name in names if _is_version(name, baseline)]


def baselines_of_fields(
    records: Iterable[Record], chosen: str | None = None
) -> dict[Turns, Record]:
    """The record of the baseline by ``shared_turns``; turns in which the baseline has no record are left out.

    chosen: the baseline; None for the one that each record names. If a record of an older version names none,
    it is the first exact method.
    """
    found: dict[Turns, Record] = {}
    for record in records:
        named = _named_baseline(record, chosen)
        name, before = record.cell.backend, found.get(shared_turns(record))
        fits = not record.computes if named is None else _is_version(name, named)
        if fits and record.cell.threads == 1 and (not before or before.cell.backend == name):
            found[shared_turns(record)] = record
    return found


def names_a_baseline(records: Sequence[Record]) -> bool:
    """Whether the study of some records names a baseline."""
    return any(record.baseline for record in records)


def _named_baseline(record: Record, chosen: str | None) -> str | None:
    """The name of a baseline in tables, without a version."""
    return chosen or (record.baseline and shown_name(record.baseline))


def _is_version(name: str, method: str) -> bool:
    """Whether ``name`` in a table stands for a method or for one of its versions."""
    return method in (name, unversioned_name(name))
