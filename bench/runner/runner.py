"""``python -m bench run STUDY``: every cell measured, scored and recorded, or read if it is there."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from tqdm import tqdm

from bench import records
from bench.datasets import Dataset
from bench.pipeline import Pipeline
from bench.records import Record
from bench.runner.baselines import BASELINES, BY_PEERS, MERGED
from bench.runner.cells import absent_cell, merge_cell
from bench.runner.keys import Keys
from bench.runner.measuring import Measuring, absent_backends
from bench.runner.scoring import scorer
from bench.runner.units import Unit, load_unit, save_unit
from bench.studies import Study
from merge_impls import backends
from merge_impls.machine import machine

Place = tuple[str, str]
"""Where a unit belongs: the name of an image, and a linkage."""


@dataclass(frozen=True)
class Found:
    """What a study found: its records in the study's order, and its units by linkage."""

    records: list[Record]
    units: dict[str, list[Unit]]

    @property
    def faults(self) -> list[Record]:
        """The records of cells that disagreed, failed or could not run."""
        return [record for record in self.records if record["state"] != "done"]


class Runner:
    """One study on one data set with one model; ``folder`` holds its records and its measured units."""

    def __init__(
        self,
        study: Study,
        dataset: Dataset,
        pipeline: Pipeline,
        folder: Path,
        limit: int | None = None,
    ) -> None:
        self.study, self.dataset, self.pipeline, self.folder = study, dataset, pipeline, folder
        self.images = dataset.names(study.split)[: limit or study.limit]
        self.absent = {name: ("unavailable", why) for name, why in absent_backends(study).items()}
        self.score = scorer(dataset, study.split)
        self.keys = Keys(study, dataset, pipeline, self.images, self.absent)
        self._kept = {record["key"]: record for record in records.read(self.file)}
        self._scores: dict[str, dict] = {}

    @property
    def file(self) -> Path:
        """Where the records are appended."""
        return self.folder / "records.jsonl"

    def run(self) -> Found:
        """Everything the study asks for; what an earlier run found is read."""
        units = self._all_units()
        found = [self._baseline_cell(name) for name in self.study.baselines]
        for linkage, of_linkage in units.items():
            found += self._merge_cells(linkage, of_linkage)
        return Found(found, units)

    def _all_units(self) -> dict[str, list[Unit]]:
        """All units by linkage, measured where no earlier run left them."""
        linkages = self.study.linkages
        places = [(name, linkage) for name in self.images for linkage in linkages]
        paths = {place: self.folder / "units" / f"{self.keys.unit(*place)}.npz" for place in places}
        units = {place: load_unit(path) for place, path in paths.items()}
        missing = [place for place in places if units[place] is None]
        if missing:
            self._fill_cache()
            units |= self._measure(missing, paths)
        return {linkage: [units[name, linkage] for name in self.images] for linkage in linkages}

    def _measure(self, missing: list[Place], paths: dict[Place, Path]) -> dict[Place, Unit]:
        """Measure units, and keep those in which nothing failed and nothing differed."""
        units = {}
        progress = tqdm(desc="merges", unit="map", total=len(missing))
        with progress, Measuring(self.study, self.pipeline) as measuring:
            self.absent |= {name: ("failed", why) for name, why in measuring.absent.items()}
            for name, of_image in groupby(missing, key=lambda place: place[0]):
                image = self.dataset.image(self.study.split, name)
                maps = self.pipeline.maps(image)
                for place in of_image:
                    units[place] = unit = measuring.unit(name, maps, linkage=place[1])
                    if unit.clean and not measuring.absent:
                        save_unit(paths[place], unit, image.shape[:2])
                    progress.update()
        return units

    def _fill_cache(self) -> None:
        for name in tqdm(self.images, desc="networks", unit="image"):
            self.pipeline.fill(self.dataset.image(self.study.split, name))

    def _merge_cells(self, linkage: str, units: list[Unit]) -> list[Record]:
        study, found = self.study, []
        started = all(state != "failed" for state, _ in self.absent.values())
        clean = started and all(unit.clean for unit in units)
        for backend in (*study.backends, study.reference):
            for scope in ["crops"] if backend == study.reference else ["maps", "crops"]:
                content = self._content(backend, linkage, scope)
                if backend in self.absent:
                    found.append(absent_cell(*self.absent[backend], **content))
                    continue

                def measured(scope: str = scope, content: dict = content) -> Record:
                    # The backends' results are the same to the bit, so their scores are: found once.
                    scored = self._scores_of_units(linkage, units) if scope == "maps" else None
                    return merge_cell(units, study.reference, study.crop, scored, **content)

                found.append(self._recorded(content["key"], measured, clean))
        return found

    def _baseline_cell(self, name: str) -> Record:
        linkage = "average" if name in MERGED else None
        content = self._content(name, linkage, "maps")
        peer = BY_PEERS.get(name)
        if peer is not None:
            content |= {"computes": peer.description, "backend_version": peer.version}
            if peer.missing():
                return absent_cell("unavailable", peer.missing(), **content)

        def scored() -> Record:
            found = {}
            for image in tqdm(self.images, desc=name, unit="image"):
                sample = self.dataset.load(self.study.split, image)
                found[image] = BASELINES[name](self.pipeline, sample)
            scores = self.score(found)
            done = {"state": "done", "reason": "", "images": [], "identical_to": ""}
            return records.make(**done, scores=scores, first_call_seconds=None, **content)

        return self._recorded(content["key"], scored)

    def _content(self, backend: str, linkage: str | None, scope: str) -> dict:
        """What a cell's record says whatever comes out, and the key of all that decides it."""
        study, config = self.study, self.pipeline.config
        numbers = config.numbers(linkage or "average")
        cell = {
            "dataset": study.dataset,
            "split": study.split,
            "model": config.name,
            "backend": backend,
            "linkage": linkage,
            "threads": 1,
            "scope": scope,
        }
        version = backends()[backend].version if backend in backends() else ""
        return {
            "key": self.keys.cell(cell),
            "study": study.name,
            "cell": cell,
            "backend_version": version,
            "thresholds": list(numbers.thresholds) if linkage else [],
            "min_pixels": numbers.min_pixels,
            "hashes": self.keys.hashes,
            "machine": machine(),
        }

    def _scores_of_units(self, linkage: str, units: list[Unit]) -> dict:
        if linkage not in self._scores:
            found = {unit.image: unit.instances for unit in units}
            self._scores[linkage] = self.score(found)
        return self._scores[linkage]

    def _recorded(self, key: str, make_record: Callable[[], Record], clean: bool = True) -> Record:
        """The record of this key: the one that is there, or a new one.

        What rests on a fault, be it another backend's, is made anew each time and not kept: a check that was
        not made today would be missing for ever.
        """
        if not clean:
            return make_record()
        if key not in self._kept:
            record = make_record()
            records.append(self.file, record)
            self._kept[key] = record
        return self._kept[key]
