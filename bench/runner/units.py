"""Units: what was measured on one image with one linkage, kept so that an interrupted study resumes."""

import json
import warnings
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from bench.types import Instance, label_map
from merge_impls.files import replacing
from merge_impls.problem_files import DAMAGE
from merge_impls.rounds import Run


class DamagedUnit(UserWarning):
    """A measured unit whose file cannot be read; it is measured again."""


@dataclass(frozen=True)
class Part:
    """The runs of all backends on one problem, and the size of that problem.

    vertices, edges: foreground pixels and the pixel edges between them; merges, segments: of the result.
    """

    vertices: int
    edges: int
    merges: int
    segments: int
    runs: dict[str, Run]


@dataclass(frozen=True)
class Unit:
    """One image, one linkage: ``parts`` by scope ("maps", "crops"), and the objects found in the map."""

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
        "objects": [(instance.class_name, instance.score) for instance in unit.instances],
    }
    labels = label_map(unit.instances, size)
    with replacing(path) as partial, partial.open("wb") as file:
        np.savez_compressed(file, labels=labels, rest=np.array(json.dumps(rest)))


def load_unit(path: Path) -> Unit | None:
    """The unit of a file, or None if there is none.

    A damaged file is reported as a ``DamagedUnit`` warning and is as good as none: it is measured again.
    """
    if not path.exists():
        return None
    try:
        with np.load(path, allow_pickle=False) as entry:
            labels, rest = entry["labels"], json.loads(str(entry["rest"]))
    except DAMAGE as error:
        warnings.warn(f"{path}: {error}; measuring it again", DamagedUnit, stacklevel=2)
        return None
    parts = {}
    for scope, part in rest["parts"].items():
        runs = {backend: Run(**run) for backend, run in part.pop("runs").items()}
        parts[scope] = Part(**part, runs=runs)
    objects = enumerate(rest["objects"], start=1)
    instances = [Instance(labels == number, name, score) for number, (name, score) in objects]
    return Unit(rest["image"], parts, instances)
