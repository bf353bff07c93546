"""Units: what was measured on one image with one linkage, kept so that an interrupted study resumes."""

import json
import warnings
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from bench.types import Instance, label_map, mask_numbers
from merge_impls.files import replacing
from merge_impls.problem_files import DAMAGE
from merge_impls.timing import Run


class DamagedUnit(UserWarning):
    """A measured unit whose file cannot be read; it is measured again."""


@dataclass(frozen=True)
class Part:
    """The runs of all backends on the problems of one image, and their size.

    regions: how many problems they are. vertices, edges: of all; merges, segments: of the results.
    """

    vertices: int
    edges: int
    merges: int
    segments: int
    runs: dict[str, Run]
    regions: int = 1

    @classmethod
    def together(cls, parts: Sequence["Part"]) -> "Part":
        """All regions of an image as one part: sizes and times are sums, and one fault is the whole's."""
        sums = {
            name: sum(getattr(part, name) for part in parts)
            for name in ("vertices", "edges", "merges", "segments")
        }
        runs = {name: _together([part.runs[name] for part in parts]) for name in parts[0].runs}
        return cls(**sums, runs=runs, regions=len(parts))


def _together(runs: Sequence[Run]) -> Run:
    def first(attribute: str) -> str:
        return next(filter(None, (getattr(run, attribute) for run in runs)), "")

    def by_round(attribute: str) -> list[float]:
        return [
            sum(of_round)
            for of_round in zip(*(getattr(run, attribute) for run in runs), strict=False)
        ]

    peaks = [run.peak_bytes for run in runs if run.peak_bytes is not None]
    return Run(
        runs[0].first_call_seconds,
        **{
            name: by_round(name)
            for name in ("seconds", "cpu_seconds", "conversion_seconds", "call_seconds")
        },
        peak_bytes=max(peaks, default=None),
        **{name: first(name) for name in ("difference", "failed", "kind")},
    )


@dataclass(frozen=True)
class Unit:
    """One image, one row: ``parts`` by scope ("maps", "crops"), and the objects found in the map."""

    image: str
    parts: dict[str, Part]
    instances: list[Instance]

    @property
    def clean(self) -> bool:
        """Whether nothing failed and nothing differed; only such a unit is kept."""
        runs = [run for part in self.parts.values() for run in part.runs.values()]
        return not any(run.failed or run.difference for run in runs)


def save_unit(path: Path, unit: Unit, size: tuple[int, int]) -> None:
    """Write a unit as one compressed ``.npz``: its label map of ``size``, and the rest as JSON."""
    rest = {
        "image": unit.image,
        "parts": {scope: asdict(part) for scope, part in unit.parts.items()},
        "objects": [
            (number, instance.class_name, instance.score)
            for number, instance in zip(mask_numbers(unit.instances), unit.instances, strict=True)
        ],
    }
    labels = label_map(unit.instances, size)
    with replacing(path) as partial, partial.open("wb") as file:
        np.savez_compressed(file, labels=labels, rest=np.array(json.dumps(rest)))


def load_unit(path: Path) -> Unit | None:
    """The unit of a file, or None if there is none.

    A damaged file, or one of an older form, is reported as a ``DamagedUnit`` warning and is as good as none:
    it is measured again.
    """
    if not path.exists():
        return None
    try:
        with np.load(path, allow_pickle=False) as entry:
            return _unit(entry["labels"], json.loads(str(entry["rest"])))
    except DAMAGE as error:
        warnings.warn(f"{path}: {error}; measuring it again", DamagedUnit, stacklevel=2)
        return None


def _unit(labels: np.ndarray, rest: dict) -> Unit:
    parts = {}
    for scope, part in rest["parts"].items():
        runs = {backend: Run(**run) for backend, run in part.pop("runs").items()}
        parts[scope] = Part(**part, runs=runs)
    instances = [Instance(labels == number, name, score) for number, name, score in rest["objects"]]
    return Unit(rest["image"], parts, instances)
