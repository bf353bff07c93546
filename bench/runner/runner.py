"""Runs a study: measures its problems and records the results, or reads the records of an earlier run."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from tqdm import tqdm

from bench.runner import records
from bench.runner.image_results import StudyResult
from bench.runner.record import Record, latest_record_of_each_key
from bench.runner.records_of_machines import read_records_of_other_machines
from bench.runner.run_view import RunView
from bench.runner.study_problems import RecordGroup, StudyProblems
from merge_impls.file_writing import remove_partial_files
from merge_impls.folder_lock import FolderInUse, locked_folder


class Runner:
    """Runs one study.

    problems: the problems of the study. folder: where records and the results of images are saved.
    fresh: measure everything, also what an earlier run has saved. view: counts the cells that cannot run.
    """

    def __init__(
        self,
        problems: StudyProblems,
        folder: Path,
        fresh: bool = False,
        view: RunView | None = None,
    ) -> None:
        self.problems, self.folder = problems, folder
        self._view = view or RunView("")
        self._fresh = fresh
        self._kept: dict[str, Record] = {}

    @property
    def file(self) -> Path:
        """The file to which records are appended."""
        return self.folder / "records.jsonl"

    def run(self) -> StudyResult:
        """All results of the study. Records that an earlier run has saved are not measured again.

        Raises ``FolderInUse`` if another process runs a study in the same folder.
        """
        with locked_folder(self.folder, tqdm.write):
            remove_partial_files(self.folder)
            with suppress(FolderInUse), locked_folder(self.folder / "units", tqdm.write):
                remove_partial_files(self.folder / "units")
            try:
                return self._run_in_locked_folder()
            finally:
                self._view.close()

    def _run_in_locked_folder(self) -> StudyResult:
        records.remove_damaged_lines(self.file)
        kept = records.read(self.file)
        self._kept = {} if self._fresh else {record.key: record for record in kept}
        groups = self.problems.record_groups(self.folder)
        found = [record for group in groups for record in self._read_or_measure(group)]
        earlier = [] if self._fresh else latest_record_of_each_key(kept)
        copied = [] if self._fresh else read_records_of_other_machines(self.folder)
        shown = _with_records_beside(found, earlier, copied)
        return StudyResult(found, self.problems.image_results, shown)

    def _read_or_measure(self, group: RecordGroup) -> list[Record]:
        """The records of a group: those of an earlier run if all are current, otherwise new ones.

        New records are saved only if the results of all methods are right. If a method failed, the other
        methods were not compared with it, and saved records would never get this comparison.
        """
        pending = [record for record in group.planned if record.is_pending]
        for record in group.planned:
            if not record.is_pending:
                self._view.count(record.state)
        kept = [self._kept[record.key] for record in pending if record.key in self._kept]
        if group.readable and len(kept) == len(pending) and all(map(group.is_current, kept)):
            found = kept
        else:
            found, clean = group.measure()
            if clean:
                self._append_records(found)
        by_cell = {record.cell: record for record in found}  # a measurement may change a key
        return [by_cell.get(record.cell, record) for record in group.planned]

    def _append_records(self, found: list[Record]) -> None:
        for record in found:
            records.append(self.file, record)
            self._kept[record.key] = record


def _with_records_beside(
    found: Sequence[Record], earlier: Sequence[Record], copied: Sequence[Record]
) -> list[Record]:
    """The records of a run with those that its report shows beside them.

    Each record follows the ``_earlier_versions`` of the same question. It is followed by the ``copied``
    records of other machines with this question.
    """
    present = {record.question: record for record in found}
    before = _by_question(_earlier_versions(present, earlier))
    keys = {record.key for record in found}
    after = _by_question(record for record in copied if record.key not in keys)
    return [
        each
        for question, record in present.items()
        for each in (*before[question], record, *after[question])
    ]


def _earlier_versions(present: Mapping[str, Record], earlier: Sequence[Record]) -> list[Record]:
    """The earlier records of other versions of methods, and those of the methods that took turns with these.

    They answer the questions of the ``present`` records, and were measured on the same machine.
    """
    pairs = [(record, present.get(record.question)) for record in earlier]
    here = [
        (record, now)
        for record, now in pairs
        if now and record.key != now.key and record.machine == now.machine
    ]
    of_versions = {record.conditions for record, now in here if record.version != now.version}
    return [record for record, _ in here if record.conditions in of_versions - {None}]


def _by_question(found: Iterable[Record]) -> dict[str, list[Record]]:
    grouped: dict[str, list[Record]] = defaultdict(list)
    for record in found:
        grouped[record.question].append(record)
    return grouped
