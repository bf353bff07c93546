"""Measures a study of seeded fields. All methods merge the fields of a noise in turns."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from functools import cached_property, partial
from pathlib import Path

from tqdm import tqdm

from bench.digests import json_digest
from bench.methods.method import Method
from bench.runner.field_methods import field_methods
from bench.runner.field_records import field_record, is_clean
from bench.runner.field_rounds import run_cases
from bench.runner.image_results import ImageResults
from bench.runner.record import PENDING, Cell, Record
from bench.runner.source_digests import code_hashes
from bench.runner.study import Study
from bench.runner.study_problems import RecordGroup
from merge_impls import fields
from merge_impls.machine import describe_machine

DATASET = "fields"
"""The name of all fields in the cells of records."""


class FieldProblems:
    """The fields of a study: synthetic street problems. limit: use only this many of the smallest sizes.

    Raises ValueError if the baseline cannot run.
    """

    def __init__(self, study: Study, limit: int | None = None) -> None:
        self.study = replace(study, source=study.fields.limited(limit))
        self.methods = field_methods(self.study)
        self.image_results: ImageResults = {}

    def groups(self, folder: Path) -> Iterator[RecordGroup]:
        """The records of a noise or a family are a group, because all its methods take turns.

        A family whose files are absent is left out, with a line.
        """
        for group in self.study.fields.groups:
            if group in fields.FAMILIES and (reason := fields.reason_missing(group)):
                tqdm.write(f"skipped: {group}: {reason}")
                continue
            planned = [
                self._planned(method, group, linkage)
                for linkage in self.study.linkages
                for method in self.methods
                if linkage in method.linkages or not method.linkages
            ]
            yield RecordGroup(planned, partial(self._measure, group, planned))

    def _measure(self, group: str, records: Sequence[Record]) -> tuple[list[Record], bool]:
        """Measure the pending records of a noise or a family; returns them, and whether no method failed or
        differed."""
        able = [method for method in self.methods if not method.reason]
        exact = [method.label for method in able if not method.other_rule]
        rounds = run_cases(self.study, group, able)
        by_cell = {(method.name, method.threads): method for method in able}
        found = []
        for planned in (record for record in records if record.pending):
            method = by_cell[planned.cell.backend, planned.cell.threads]
            linkage = planned.cell.linkage
            by_size = {size: each for (size, of), each in rounds.items() if of == linkage}
            found.append(field_record(planned, method, by_size, self.study.reference, exact))
        return found, all(map(is_clean, rounds.values()))

    def _planned(self, method: Method, group: str, linkage: str) -> Record:
        """A record without results."""
        cell = self._cell(method, group, linkage)
        return Record(
            key=self._key(cell),
            study=self.study.name,
            cell=cell,
            backend_version=method.version,
            computes=method.other_rule,
            thresholds=_thresholds(group, linkage),
            min_pixels=0,
            hashes=self._hashes,
            machine=describe_machine(),
            state="unavailable" if method.reason else PENDING,
            reason=method.reason,
        )

    def _cell(self, method: Method, group: str, linkage: str) -> Cell:
        return Cell(
            dataset=DATASET,
            split=group,
            model=None,
            backend=method.name,
            linkage=linkage,
            threads=method.threads,
        )

    def _key(self, cell: Cell) -> str:
        """The digest of all that decides a record; all methods do, as they merge in turns."""
        return json_digest(
            {
                "cell": cell.to_json(),
                "methods": [
                    (each.label, each.version, each.linkages, each.reason) for each in self.methods
                ],
                "study": asdict(replace(self.study, goals=())),  # another goal changes no time
                "hashes": self._hashes,
                "machine": describe_machine(),
            }
        )

    @cached_property
    def _hashes(self) -> dict[str, str]:
        checksums = (*fields.CHECKSUMS.items(), *fields.FAMILY_CHECKSUMS.items())
        return {
            "fields": json_digest([fields.VERSION, sorted(map(str, checksums))]),
            **code_hashes(__name__),
        }


def _thresholds(group: str, linkage: str) -> list[float]:
    """The thresholds of the stages of all graphs of a noise or a family."""
    if group in fields.NOISE:
        return list(fields.THRESHOLDS[linkage])
    # Four digits, because fixed point changes a threshold by up to 1 / 131070.
    thresholds = fields.hard_graph(group, 1, linkage=linkage).thresholds.tolist()
    return [round(threshold, 4) for threshold in thresholds]
