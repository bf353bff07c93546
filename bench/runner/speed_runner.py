"""``python -m bench run`` of a study of fields: each noise measured side by side, or read if it is there."""

from dataclasses import asdict, replace
from functools import cached_property
from pathlib import Path

from bench.digests import digest, files_digest
from bench.runner import records
from bench.runner.field_cases import run_cases
from bench.runner.field_records import clean, field_cell
from bench.runner.image_records import absent_cell
from bench.runner.records import Record
from bench.runner.source_digests import bench_sources, merge_sources
from bench.runner.study import SpeedStudy
from bench.runner.timed_methods import TimedMethod, timed_methods
from merge_impls import fields
from merge_impls.machine import machine


class SpeedRunner:
    """One study of fields; ``folder`` holds its records. ``limit``: so many of its smallest sizes only."""

    def __init__(self, study: SpeedStudy, folder: Path, limit: int | None = None) -> None:
        self.study, self.folder = study.limited(limit), folder
        self.methods = timed_methods(self.study)
        self._kept = {record["key"]: record for record in records.read(self.file)}

    @property
    def file(self) -> Path:
        """Where the records are appended."""
        return self.folder / "records.jsonl"

    def run(self) -> list[Record]:
        """The records of all noises; a noise is read only if every record of it is there."""
        return [record for noise in self.study.noises for record in self._noise(noise)]

    def _noise(self, noise: str) -> list[Record]:
        places = self._places(noise)
        keys = {place: self._key(*place) for place in places if not place[0].reason}
        if keys and all(key in self._kept for key in keys.values()):
            found = {place: self._kept[key] for place, key in keys.items()}
        else:
            found = self._measured(noise, keys)
        return [found.get(place) or self._absent(*place) for place in places]

    def _places(self, noise: str) -> list[tuple[TimedMethod, str, str]]:
        """Every cell of a noise: a method, the noise and a linkage."""
        return [
            (method, noise, linkage)
            for linkage in self.study.linkages
            for method in self.methods
            if linkage in method.linkages or not method.linkages
        ]

    def _measured(self, noise: str, keys: dict) -> dict[tuple, Record]:
        """Measure a noise; it is kept unless somebody failed or differed, for that may be mended."""
        able = [method for method in self.methods if not method.reason]
        exact = [method.name for method in able if not method.computes]
        cases = run_cases(self.study, noise, able)
        found = {}
        for (method, _, linkage), key in keys.items():
            own = {size: turns for (size, of), turns in cases.items() if of == linkage}
            content = self._content(method, noise, linkage, key)
            cell = field_cell(method, own, self.study.baseline, exact, **content)
            found[method, noise, linkage] = cell
        if all(map(clean, cases.values())):
            for record in found.values():
                records.append(self.file, record)
        return found

    def _absent(self, method: TimedMethod, noise: str, linkage: str) -> Record:
        content = self._content(method, noise, linkage, self._key(method, noise, linkage))
        return absent_cell("unavailable", method.reason, **content)

    def _cell(self, method: TimedMethod, noise: str, linkage: str) -> dict:
        return {
            "dataset": self.study.dataset,
            "split": noise,
            "model": None,
            "backend": method.backend,
            "linkage": linkage,
            "threads": method.threads,
            "scope": "maps",
        }

    def _content(self, method: TimedMethod, noise: str, linkage: str, key: str) -> dict:
        """What a cell's record says whatever comes out."""
        return {
            "key": key,
            "study": self.study.name,
            "cell": self._cell(method, noise, linkage),
            "backend_version": method.version,
            "computes": method.computes,
            "thresholds": list(fields.THRESHOLDS[linkage]),
            "min_pixels": 0,
            "hashes": self._hashes,
            "machine": machine(),
        }

    def _key(self, method: TimedMethod, noise: str, linkage: str) -> str:
        """Of all that decides a cell: who took turns with it, too."""
        with_it = [asdict(each) for each in self.methods]
        cell = self._cell(method, noise, linkage)
        measured = asdict(replace(self.study, goals=()))  # another goal changes no time
        rest = {"study": measured, "hashes": self._hashes, "machine": machine()}
        return digest({"cell": cell, "methods": with_it, **rest})

    @cached_property
    def _hashes(self) -> dict[str, str]:
        return {
            "fields": digest([fields.VERSION, sorted(map(str, fields.CHECKSUMS.items()))]),
            "merge_impls": files_digest(merge_sources()),
            "bench": files_digest(bench_sources()),
        }
