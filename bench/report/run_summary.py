"""Texts in a report about the whole run: the machine, and what failed, disagreed or is not installed.

A cell is one combination of backend, linkage and images (or noise) in a study; it has one record.
"""

from collections.abc import Collection, Iterable, Sequence

from bench.methods.all_methods import find_method
from bench.methods.method import shown_reason
from bench.runner.record import UNSUPPORTED, Record
from merge_impls.commands.exit_codes import CONFORMS, CRASHED, DISAGREES, SEVERITY, UNAVAILABLE
from merge_impls.fields import NOISE

EXIT_CODE_OF_STATE = {"failed": CRASHED, "disagreed": DISAGREES, "unavailable": UNAVAILABLE}
"""The exit code for each state of a record that counts as a failure."""


_HARDWARE = ("processor", "architecture", "cores", "system")
"""The entries of a machine in a sentence; the entries of libraries stand under "Environment" alone."""


def describe_machine(records: Sequence[Record]) -> str:
    """The hardware and the system on which ``records`` were made.

    If there are several machines, all entries of each, as machines may differ in a library alone.
    """
    machines = {
        record.cell.machine: ", ".join(f"{key} {value}" for key, value in record.machine.items())
        for record in reversed(records)
    }
    numbered = sorted((int(number), text) for number, text in machines.items() if number)
    if not numbered:
        machine = records[0].machine
        hardware = ", ".join(f"{key} {machine[key]}" for key in _HARDWARE if key in machine)
        return hardware or machines[""]
    return "; ".join(f"machine {number}: {text}" for number, text in numbered)


def count_images(record: Record) -> int:
    """The number of images that a record of images was merged or scored on."""
    return len(record.images) or (record.scores or {}).get("num_images", 0)


def describe_environment(records: Sequence[Record]) -> dict[str, str]:
    """The machine, the libraries and the time of a study. Different values of an entry are joined."""
    entries = [
        {
            **record.machine,
            "torch": record.hashes.get("torch"),
            "evaluator": (record.scores or {}).get("evaluator"),
        }
        for record in records
    ]
    names = dict.fromkeys(name for each in entries for name in each)
    found = {name: [str(each[name]) for each in entries if each.get(name)] for name in names}
    created = sorted(record.created for record in records)
    return {name: ", ".join(dict.fromkeys(values)) for name, values in found.items() if values} | {
        "measured": f"{created[0]} to {created[-1]}",
        "records": str(len(records)),
        "timed on": describe_cores(records),
    }


def describe_cores(records: Sequence[Record]) -> str:
    """On how many cores merges are timed, whatever number of cores the machine has."""
    several = sorted({record.cell.threads for record in records if record.cell.threads > 1})
    more = f"; {' or '.join(map(str, several))} threads on as many cores" if several else ""
    return f"one core{more}"


def describe_failed_and_wrong_cells(
    records: Iterable[Record], needed: Collection[str | None] = ()
) -> list[str]:
    """The cells that have no results, or whose results disagreed with those of the reference, and why.

    The cells of a method and a linkage share a line if they have the same reason. Unsupported cells have no
    line. Methods that are not installed have one only if ``needed`` names them.
    """
    places: dict[tuple[str, str], list[str]] = {}
    for record in _failed_and_wrong(records, needed):
        method = f"{record.cell.backend}, {record.cell.linkage}"
        reason = f"{record.state}: {shown_reason(record.reason)}"
        places.setdefault((method, reason), []).append(_describe_problems(record))
    return [
        f"{method}, {', '.join(dict.fromkeys(found))}: {reason}"
        for (method, reason), found in places.items()
    ]


def exit_code_of_cells(records: Iterable[Record], needed: Collection[str | None] = ()) -> int:
    """The exit code of a study: that of its worst failed or wrong cell.

    A method that computes something else than the contract fails nothing by a crash or by reaching a limit
    of time or memory, unless it is needed: that is a finding about this method, which the report lists.

    needed: the methods that must be installed.
    """
    codes = {
        EXIT_CODE_OF_STATE[record.state]
        for record in _failed_and_wrong(records, needed)
        if record.cell.backend in needed or not (record.state == "failed" and record.computes)
    }
    return next((code for code in SEVERITY if code in codes), CONFORMS)


def _failed_and_wrong(records: Iterable[Record], needed: Collection[str | None]) -> list[Record]:
    return [
        record
        for record in records
        if record.state not in ("done", UNSUPPORTED)
        and (record.cell.backend in needed or not _is_absent_optional(record))
    ]


def describe_missing_ap(records: Iterable[Record]) -> list[str]:
    """A line that says why no record has an AP, if segmentations were scored; no line if one has an AP."""
    scores = [record.scores for record in records if record.scores]
    if not scores or any(each["ap"] is not None for each in scores):
        return []
    return [
        "no image has an annotated object that is scored, so there is no AP; take images with objects"
    ]


def describe_absent_optional(records: Iterable[Record]) -> list[str]:
    """A line for each known method that is not installed. The line says how to install it."""
    absent = [record for record in records if _is_absent_optional(record)]
    reasons = {record.cell.backend: record.reason for record in absent}
    return [f"{method}: {reason}" for method, reason in reasons.items()]


def describe_unsupported_families(records: Iterable[Record]) -> list[str]:
    """A line for each method that cannot merge the graphs of some families, with their names."""
    families: dict[str, list[str]] = {}
    for record in records:
        if record.state == UNSUPPORTED:
            families.setdefault(record.reason, []).append(record.cell.split)
    return [f"{reason}: {', '.join(dict.fromkeys(names))}" for reason, names in families.items()]


def _is_absent_optional(record: Record) -> bool:
    """Whether a method is known and lacks a library, so that it was not run."""
    if record.state != "unavailable":
        return False
    return bool(record.computes or find_method(record.cell.backend).linkages)


def _describe_problems(record: Record) -> str:
    """What a cell merges: whole images or crops ("maps", "crops"), the noise or the family of fields."""
    cell = record.cell
    if not record.is_of_fields:
        return cell.scope
    return f"{cell.split} noise" if cell.split in NOISE else cell.split
