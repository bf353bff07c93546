"""``python -m bench run STUDY``: every cell measured, scored and recorded, or read if it is there."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from itertools import groupby
from pathlib import Path

import numpy as np
from tqdm import tqdm

from bench.datasets import Dataset
from bench.evaluation.average_precision import Counted
from bench.evaluation.bootstrap import paired_interval
from bench.evaluation.in_memory import Evaluation, evaluate
from bench.methods import PEERS
from bench.pipeline.segment import PARTS, Pipeline
from bench.pipeline.strategy import PLAIN
from bench.runner import records
from bench.runner.baselines import BASELINES, BY_PEERS, MERGED
from bench.runner.cells import absent_cell, merge_cell
from bench.runner.keys import Keys
from bench.runner.measuring import Measuring, absent_backends
from bench.runner.records import Record
from bench.runner.scoring import scorer
from bench.runner.study import Row, Study
from bench.runner.units import Unit, load_unit, save_unit
from merge_impls import backends
from merge_impls.machine import machine

Place = tuple[str, Row]
"""Where a unit belongs: the name of an image, and a row of the study."""


@dataclass(frozen=True)
class Found:
    """What a study found: its records in the study's order, and its units by row."""

    records: list[Record]
    units: dict[Row, list[Unit]]

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
        self.study, self.dataset, self.folder = study, dataset, folder
        self.pipeline = pipeline.with_strategy(study.strategy)
        self.images = dataset.names(study.split)[: limit or study.limit]
        self.absent = {name: ("unavailable", why) for name, why in absent_backends(study).items()}
        self.score = scorer(dataset, study.split)
        self.keys = Keys(study, dataset, pipeline, self.images, self.absent)
        self._kept = {record["key"]: record for record in records.read(self.file)}
        self._scores: dict[Row, dict] = {}
        self._evaluations: dict[Row, Evaluation] = {}
        self._changes: dict[Row, dict] = {}

    @property
    def file(self) -> Path:
        """Where the records are appended."""
        return self.folder / "records.jsonl"

    def run(self) -> Found:
        """Everything the study asks for; what an earlier run found is read."""
        units = self._all_units()
        found = [self._baseline_cell(name) for name in self.study.baselines]
        for row in self.study.rows:
            before = self.study.before(row)
            before = before if before in units else None
            if row.peer:
                found.append(self._peer_cell(row, before, units))
            else:
                found += self._merge_cells(row, before, units)
        return Found(found, units)

    def _all_units(self) -> dict[Row, list[Unit]]:
        """All units by row, measured where no earlier run left them."""
        rows = self.study.rows
        places = [(name, row) for name in self.images for row in rows]
        paths = {place: self.folder / "units" / f"{self.keys.unit(*place)}.npz" for place in places}
        units = {place: load_unit(path) for place, path in paths.items()}
        missing = [place for place in places if units[place] is None and self._can_run(place[1])]
        if missing:
            self._fill_cache(missing)
            units |= self._measure(missing, paths)
        return {
            row: [units[name, row] for name in self.images] for row in rows if self._can_run(row)
        }

    def _can_run(self, row: Row) -> bool:
        """A peer that is not installed has no units; a backend that is not is left out of them."""
        return row.peer not in self.absent

    def _measure(self, missing: list[Place], paths: dict[Place, Path]) -> dict[Place, Unit]:
        """Measure units, and keep those in which nothing failed and nothing differed."""
        units = {}
        progress = tqdm(desc="merges", unit="map", total=len(missing))
        with progress, Measuring(self.study) as measuring:
            self.absent |= {name: ("failed", why) for name, why in measuring.absent.items()}
            for name, of_image in groupby(missing, key=lambda place: place[0]):
                image = self.dataset.image(self.study.split, name)
                for place in of_image:
                    units[place] = unit = self._unit(measuring, place, image)
                    if unit.clean and not measuring.absent:
                        save_unit(paths[place], unit, image.shape[:2])
                    progress.update()
        return units

    def _unit(self, measuring: Measuring, place: Place, image: np.ndarray) -> Unit:
        name, row = place
        pipeline = self.pipeline.with_strategy(row.strategy)
        sample = self.dataset.load(self.study.split, name) if row.truth else None
        pieces = pipeline.pieces(image, sample, row.truth)
        if row.peer:
            return measuring.of_peer(name, image.shape[:2], pipeline, pieces, row.peer)
        return measuring.unit(name, image.shape[:2], pipeline, pieces)

    def _fill_cache(self, missing: list[Place]) -> None:
        """Ask the networks first, all of them, as nothing is timed then: once for each region."""
        for name, of_image in groupby(
            tqdm(missing, desc="networks", unit="map"), lambda place: place[0]
        ):
            image = self.dataset.image(self.study.split, name)
            for _, row in of_image:
                if set(row.truth) != set(PARTS):
                    self.pipeline.with_strategy(row.strategy).fill(image)

    def _merge_cells(
        self, row: Row, before: Row | None, units: dict[Row, list[Unit]]
    ) -> list[Record]:
        study, found, own = self.study, [], units[row]
        started = all(state != "failed" for state, _ in self.absent.values())
        clean = started and _clean(row, before, units)
        for backend in (*study.backends, study.reference):
            for scope in ["crops"] if backend == study.reference else ["maps", "crops"]:
                content = self._content(backend, row, scope, before)
                if backend in self.absent:
                    found.append(absent_cell(*self.absent[backend], **content))
                    continue

                def measured(scope: str = scope, content: dict = content) -> Record:
                    if scope == "crops":
                        return merge_cell(own, study.reference, study.crop, None, **content)
                    return self._scored_cell(row, before, units, content)

                found.append(self._recorded(content["key"], measured, clean))
        return found

    def _peer_cell(self, row: Row, before: Row | None, units: dict[Row, list[Unit]]) -> Record:
        peer = PEERS[row.peer][1]
        content = self._content(row.peer, row, "maps", before)
        content |= {"computes": peer.description, "backend_version": peer.version}
        if row.peer in self.absent:
            return absent_cell(*self.absent[row.peer], **content)
        return self._recorded(
            content["key"],
            lambda: self._scored_cell(row, before, units, content),
            _clean(row, before, units),
        )

    def _scored_cell(
        self, row: Row, before: Row | None, units: dict[Row, list[Unit]], content: dict
    ) -> Record:
        # The backends' results are the same to the bit, so scores and change are: found once.
        scores = self._scores_of_units(row, units[row])
        if before is not None:
            content = content | self._change(row, before, units)
        return merge_cell(units[row], self.study.reference, self.study.crop, scores, **content)

    def _baseline_cell(self, name: str) -> Record:
        row = Row("", self.study.strategy.replace(linkage="average"))
        content = self._content(name, row, "maps", merges=name in MERGED)
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

    def _content(
        self, backend: str, row: Row, scope: str, before: Row | None = None, merges: bool = True
    ) -> dict:
        """What a cell's record says whatever comes out, and the key of all that decides it."""
        study, pipeline = self.study, self.pipeline.with_strategy(row.strategy)
        cell = {
            "dataset": study.dataset,
            "split": study.split,
            "model": pipeline.config.name,
            "backend": backend,
            "linkage": row.linkage if merges else None,
            "threads": 1,
            "scope": scope,
        }
        if row.name:
            cell["row"] = row.name
        version = backends()[backend].version if backend in backends() else ""
        content = {
            "key": self.keys.cell(cell, row, before),
            "study": study.name,
            "cell": cell,
            "backend_version": version,
            "thresholds": list(pipeline.plan.thresholds) if merges else [],
            "min_pixels": pipeline.plan.min_pixels,
            "strategy": row.strategy.differences(PLAIN),
            "hashes": self.keys.hashes,
            "machine": machine(),
        }
        if row.truth:
            content["truth"] = list(row.truth)
        if row.paper is not None:
            content["paper_ap"] = row.paper
        return content

    def _scores_of_units(self, row: Row, units: list[Unit]) -> dict:
        if row not in self._scores:
            found = {unit.image: unit.instances for unit in units}
            self._scores[row] = self.score(found)
        return self._scores[row]

    def _change(self, row: Row, before: Row, units: dict[Row, list[Unit]]) -> dict:
        """The entry that says by how much AP differs from another row, with a paired bootstrap interval."""
        if row not in self._changes:
            first, second = (self._evaluated(each, units[each]) for each in (before, row))
            interval = paired_interval(first, second)
            known = not np.isnan(interval.difference)  # else no object counts in any image
            change = {"against": before.name, **asdict(interval)}
            self._changes[row] = {"change": change} if known else {}
        return self._changes[row]

    def _evaluated(self, row: Row, units: list[Unit]) -> Evaluation:
        if row not in self._evaluations:
            found = {unit.image: unit.instances for unit in units}
            truth = {name: self.dataset.annotation(self.study.split, name) for name in found}
            counted = Counted(self.dataset.smallest)
            self._evaluations[row] = evaluate(found, truth, self.dataset.class_names, counted)
        return self._evaluations[row]

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


def _clean(row: Row, before: Row | None, units: dict[Row, list[Unit]]) -> bool:
    """Whether nothing failed or differed in a row and in the one that it is compared with."""
    rows = [row] if before is None else [row, before]
    return all(unit.clean for each in rows for unit in units[each])
