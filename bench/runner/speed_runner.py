"""``python -m bench run`` of a study of fields: each noise measured side by side, or read if it is there."""

from dataclasses import asdict, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from bench.digests import digest, files_digest
from bench.methods.method import Method
from bench.runner import records
from bench.runner.field_cases import run_cases
from bench.runner.field_methods import field_methods
from bench.runner.field_records import field_record, is_clean
from bench.runner.record import Cell, Record
from bench.runner.source_digests import bench_sources, merge_sources
from bench.runner.study import SpeedStudy
from merge_impls import fields
from merge_impls.machine import describe_machine

Place = tuple[Method, str, str]
"""What a record is of: a method, a noise and a linkage."""


class SpeedRunner:
    """One study of fields; ``folder`` holds its records. ``limit``: so many of its smallest sizes only."""

    def __init__(self, study: SpeedStudy, folder: Path, limit: int | None = None) -> None:
        self.study, self.folder = study.limited(limit), folder
        self.methods = field_methods(self.study)
        self._kept = {record.key: record for record in records.read(self.file)}

    @property
    def file(self) -> Path:
        """Where the records are appended."""
        return self.folder / "records.jsonl"

    def run(self) -> list[Record]:
        """The records of all noises; a noise is read only if every record of it is there."""
        return [record for noise in self.study.noises for record in self._run_noise(noise)]

    def _run_noise(self, noise: str) -> list[Record]:
        cells = self._cells(noise)
        keys = {cell: self._key(*cell) for cell in cells if not cell[0].reason}
        if keys and all(key in self._kept for key in keys.values()):
            found = {cell: self._kept[key] for cell, key in keys.items()}
        else:
            found = self._measure(noise, keys)
        return [found.get(cell) or self._absent_record(*cell) for cell in cells]

    def _cells(self, noise: str) -> list[Place]:
        return [
            (method, noise, linkage)
            for linkage in self.study.linkages
            for method in self.methods
            if linkage in method.linkages or not method.linkages
        ]

    def _measure(self, noise: str, keys: dict[Place, str]) -> dict[Place, Record]:
        """Measure a noise. Its records are kept only if no method failed or differed: a later run, with the
        error corrected, has to measure all methods in the same rounds."""
        able = [method for method in self.methods if not method.reason]
        exact = [method.label for method in able if not method.other_rule]
        cases = run_cases(self.study, noise, able)
        found = {}
        for (method, _, linkage), key in keys.items():
            by_size = {size: rounds for (size, of), rounds in cases.items() if of == linkage}
            content = self._content(method, noise, linkage, key)
            record = field_record(method, by_size, self.study.baseline, exact, **content)
            found[method, noise, linkage] = record
        if all(map(is_clean, cases.values())):
            for record in found.values():
                records.append(self.file, record)
        return found

    def _absent_record(self, method: Method, noise: str, linkage: str) -> Record:
        content = self._content(method, noise, linkage, self._key(method, noise, linkage))
        return Record(state="unavailable", reason=method.reason, **content)

    def _cell_entry(self, method: Method, noise: str, linkage: str) -> Cell:
        return Cell(
            dataset=self.study.dataset,
            split=noise,
            model=None,
            backend=method.name,
            linkage=linkage,
            threads=method.threads,
        )

    def _content(self, method: Method, noise: str, linkage: str, key: str) -> dict[str, Any]:
        """The entries of a record that do not depend on the results."""
        return {
            "key": key,
            "study": self.study.name,
            "cell": self._cell_entry(method, noise, linkage),
            "backend_version": method.version,
            "computes": method.other_rule,
            "thresholds": list(fields.THRESHOLDS[linkage]),
            "min_pixels": 0,
            "hashes": self._hashes,
            "machine": describe_machine(),
        }

    def _key(self, method: Method, noise: str, linkage: str) -> str:
        """The digest of all that decides a record; all methods do, as they merge in turns."""
        return digest(
            {
                "cell": self._cell_entry(method, noise, linkage).to_json(),
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
        return {
            "fields": digest([fields.VERSION, sorted(map(str, fields.CHECKSUMS.items()))]),
            "merge_impls": files_digest(merge_sources()),
            "bench": files_digest(bench_sources()),
        }
