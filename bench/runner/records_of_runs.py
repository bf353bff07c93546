"""Reads the records of one or several runs as one list in which versions and machines are told apart."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from bench.digests import json_digest
from bench.methods.method import LABEL_SIGN, VERSION_SIGN, shown_name
from bench.runner import records
from bench.runner.record import Record
from bench.runner.records_of_machines import FILE_NAME, files_of_all_machines, read_files

SHORTEST_LABEL = 7
"""The fewest characters of a digest that tell two versions apart."""

Version = tuple[str, str | None]
"""What a method was when it was measured: its version, and the digest of its code if it is not built in."""


def read_runs(folders: Iterable[Path], copies: bool = True) -> list[Record]:
    """Read the records of runs, or of their reports, as one list with labels; see ``label_records``.

    copies: whether to read the records of other machines that lie in the folders, too.
    Raises ``RecordError`` if a folder has no records, or if two files disagree about a record.
    """
    files = []
    for folder in folders:
        of_folder = files_of_all_machines(folder) if copies else [folder / FILE_NAME]
        if not any(path.exists() and path.stat().st_size for path in of_folder):
            raise records.no_records_error(folder)
        files += of_folder
    return label_records(read_files(files))


def label_records(found: Sequence[Record]) -> list[Record]:
    """The records with a name of its own for each version of a method, and a label for each machine.

    A method with the label LABEL is named LABEL, another one by its name. If records of one name are of
    several versions, the name is followed by ``@`` and the begin of the digest of the code. If the records
    are of several machines, the cell has the number of the machine, in the order of the list.
    """
    machines = {text: n for n, text in enumerate(dict.fromkeys(map(_machine_text, found)), 1)}
    names = _names_of_versions(found)
    return [
        replace(
            record,
            cell=replace(
                record.cell,
                backend=names[shown_name(record.cell.backend), record.version],
                machine=str(machines[_machine_text(record)]) if len(machines) > 1 else "",
            ),
            identical_to=re.sub(_LABELLED, r"\1", record.identical_to),
        )
        for record in found
    ]


_LABELLED = rf"([^\s,{LABEL_SIGN}]+){LABEL_SIGN}[^\s,]+"
"""The pattern of a backend with a label in ``Record.identical_to``."""


def _machine_text(record: Record) -> str:
    return json_digest(dict(record.machine))


def _names_of_versions(found: Sequence[Record]) -> dict[tuple[str, Version], str]:
    versions: dict[str, list[Version]] = defaultdict(list)
    for record in found:
        known = versions[shown_name(record.cell.backend)]
        if record.state != "unavailable" and record.version not in known:
            known.append(record.version)
    names = {(shown_name(record.cell.backend), record.version) for record in found}
    return {
        (name, version): f"{name}{VERSION_SIGN}{_version_label(version, versions[name])}"
        if version in versions[name] and len(versions[name]) > 1
        else name
        for name, version in names
    }


def _version_label(version: Version, all_versions: Sequence[Version]) -> str:
    """The shortest begin of the digest of the code that no other version has.

    The version stands in its place where there is no digest, and before it where two digests are equal.
    """
    number, code = version
    others = [each for each in all_versions if each != version]
    if code is None:
        return number or "unknown"
    for length in range(SHORTEST_LABEL, len(code) + 1):
        if not any((other or "").startswith(code[:length]) for _, other in others):
            return code[:length]
    return f"{number}-{code[:SHORTEST_LABEL]}"
