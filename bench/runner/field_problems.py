"""Plans the records of a study of fields, and measures them. Fields are seeded synthetic problems."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from functools import cached_property, partial
from pathlib import Path

from tqdm import tqdm

from bench.digests import json_digest
from bench.methods.method import Method
from bench.runner.field_methods import field_baseline, field_methods, methods_of_all_sizes
from bench.runner.field_records import has_only_right_results, make_field_record
from bench.runner.field_rounds import time_field_cases
from bench.runner.image_results import ImageResults
from bench.runner.input_digests import code_digests
from bench.runner.method_code import MethodCode
from bench.runner.record import PENDING, Cell, Record
from bench.runner.run_plan import FIELDS, PlannedCell
from bench.runner.run_view import RunView
from bench.runner.study import GraphSize, Study
from bench.runner.study_problems import RecordGroup
from merge_impls import fields
from merge_impls.machine import describe_machine

EDGES_PER_PIXEL = 9
"""About the number of edges of a street, divided by its number of pixels."""


class FieldProblems:
    """The problems of a study of fields. A group is a level of noise of streets, or a family of graphs.

    limit: use only this many sizes, the smallest ones. Raises as ``field_methods``.
    """

    def __init__(self, study: Study, limit: int | None = None) -> None:
        self.study = replace(study, source=study.fields.with_smallest_sizes(limit))
        self.methods = field_methods(self.study)
        self.code = MethodCode(self.methods)
        self.image_results: ImageResults = {}
        self.view = RunView(study.name)
        self._said_skipped: set[str] = set()

    def record_groups(self, folder: Path) -> Iterator[RecordGroup]:
        """For each noise level and graph family, its records. A family without files is skipped.

        All methods take turns, so that the records of a group must be measured together. A skipped family
        is named in a message.
        """
        for group in self.study.fields.groups:
            if group in fields.FAMILIES and (reason := fields.reason_family_is_missing(group)):
                self._say_skipped(group, reason)
                continue
            planned = [
                self._planned_record(method, group, linkage)
                for linkage in self.study.linkages
                for method in self.methods
                if linkage in method.linkages or not method.linkages
            ]
            yield RecordGroup(planned, partial(self._measure_group, group, planned))

    def _say_skipped(self, group: str, reason: str) -> None:
        """Print once that a family is left out."""
        if group not in self._said_skipped:
            tqdm.write(f"skipped: {group}: {reason}")
        self._said_skipped.add(group)

    def planned_cells(self, folder: Path, kept: set[str]) -> Iterator[PlannedCell]:
        """All cells of the study; see ``PlannedStudy``. The records of a group are measured together."""
        sizes = self.study.fields
        for group in self.record_groups(folder):
            pending = [record for record in group.planned if record.is_pending]
            is_there = all(record.key in kept for record in pending)
            for record in group.planned:
                cell = record.cell
                of_all_sizes = (
                    cell.backend in methods_of_all_sizes(self.study) and cell.threads == 1
                )
                merged = sizes.group_sizes(cell.split)
                merged = merged if of_all_sizes else (sizes.size_for_all_methods(cell.split),)
                there = len(merged) if is_there else 0
                edges = sum(map(_approximate_edges, merged))
                rounds, baseline = self.study.rounds, field_baseline(self.study)
                twice = (cell.backend, cell.threads) == (baseline, 1)
                yield PlannedCell(cell, len(merged), there, rounds, record.reason, edges, twice)

    def _measure_group(self, group: str, records: Sequence[Record]) -> tuple[list[Record], bool]:
        """Measure the pending records of a group. Returns them, and whether all results are right."""
        able = [method for method in self.methods if not method.reason]
        rounds = time_field_cases(self.study, group, able, self.code, self.view)
        by_cell = {(method.name, method.threads): method for method in able}
        found = []
        for planned in (record for record in records if record.is_pending):
            method = by_cell[planned.cell.backend, planned.cell.threads]
            linkage = planned.cell.linkage
            by_size = {size: each for (size, of), each in rounds.items() if of == linkage}
            exact = [each.label for each in able if linkage in each.exact_linkages]
            record = make_field_record(planned, method, by_size, self.study.reference, exact)
            found.append(self._with_present_code(record, method))
        return found, all(map(has_only_right_results, rounds.values()))

    def _with_present_code(self, record: Record, method: Method) -> Record:
        """The record with the key and the digest of the code that hold after the measurement."""
        code = self.code.sha256(method.name) or None
        conditions = self._conditions()
        present = replace(record, conditions=conditions, inputs=conditions, backend_code=code)
        return present.with_key()

    def _planned_record(self, method: Method, group: str, linkage: str) -> Record:
        """The record of a method on a group, without results."""
        cell = self._record_cell(method, group, linkage)
        planned = Record(
            key="",
            study=self.study.name,
            cell=cell,
            backend_version=method.version,
            computes=method.rule_outside_contract(linkage),
            thresholds=_stage_thresholds(group, linkage),
            min_pixels=0,
            hashes=self._record_hashes,
            machine=describe_machine(),
            state="unavailable" if method.reason else PENDING,
            reason=method.reason,
            backend_code=self.code.sha256(method.name) or None,
            baseline=field_baseline(self.study),
            conditions=self._conditions(),
            inputs=self._conditions(),
        )
        return planned.with_key()

    def _record_cell(self, method: Method, group: str, linkage: str) -> Cell:
        return Cell(
            dataset=FIELDS,
            split=group,
            model=None,
            backend=method.name,
            linkage=linkage,
            threads=method.threads,
        )

    def _conditions(self) -> str:
        """The entries ``conditions`` and ``inputs`` of all records: the study and all methods."""
        return json_digest(
            {
                "methods": [
                    (each.label, self.code.identity(each), each.linkages, each.reason)
                    for each in self.methods
                ],
                "study": asdict(replace(self.study, goals=())),  # another goal changes no time
                "hashes": self._record_hashes,
                "machine": describe_machine(),
            }
        )

    @cached_property
    def _record_hashes(self) -> dict[str, str]:
        checksums = (*fields.CHECKSUMS.items(), *fields.FAMILY_CHECKSUMS.items())
        return {
            "fields": json_digest([fields.VERSION, sorted(map(str, checksums))]),
            **code_digests(__name__),
        }


def _approximate_edges(size: GraphSize) -> int:
    """The number of edges of a graph of this size, about."""
    return size if isinstance(size, int) else EDGES_PER_PIXEL * size[0] * size[1]


def _stage_thresholds(group: str, linkage: str) -> list[float]:
    """The threshold of each stage. All graphs of a noise level or a graph family have the same thresholds."""
    if group in fields.NOISE:
        return list(fields.THRESHOLDS[linkage])
    # The problem has the thresholds rounded to multiples of 1 / 65535; four digits show the original ones.
    thresholds = fields.graph_of_family(group, 1, linkage=linkage).thresholds.tolist()
    return [round(threshold, 4) for threshold in thresholds]
