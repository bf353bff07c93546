"""What went wrong in a study, a line each."""

from collections.abc import Iterable, Mapping, Sequence


def machine_words(records: Sequence[Mapping]) -> str:
    """Of records that were all made on one machine."""
    return ", ".join(f"{key} {value}" for key, value in records[0]["machine"].items())


def failed_cells(records: Iterable[Mapping]) -> list[str]:
    """A line for each cell that is not done; an absent third-party method is no failure."""
    return [_line(record) for record in records if record["state"] != "done" and not _may(record)]


def absent_third_party(records: Iterable[Mapping]) -> list[str]:
    """A line for each third-party method that is not installed, with what to do about it."""
    lines = {record["cell"]["backend"]: record["reason"] for record in records if _may(record)}
    return [f"{backend}: {reason}" for backend, reason in lines.items()]


def _may(record: Mapping) -> bool:
    return record["state"] == "unavailable" and bool(record.get("computes"))


def _line(record: Mapping) -> str:
    cell = record["cell"]
    where = f"{cell['split']} noise" if cell["dataset"] == "fields" else cell["scope"]
    return f"{cell['backend']}, {cell['linkage']}, {where}: {record['state']}: {record['reason']}"
