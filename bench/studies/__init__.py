"""Studies: one TOML file each, the settings of ``python -m bench run NAME``."""

import json
import tomllib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

FOLDER = Path(__file__).parent
SCHEMA_FILE = FOLDER / "study.schema.json"


class StudyError(ValueError):
    """A study that does not exist or says what no study can mean, in one line."""


@dataclass(frozen=True)
class Study:
    """What to run on which images, and what to compare.

    backends: merged and timed on whole maps; reference: checks ``crop`` (height, width) of every map.
    map_reference: the one of ``backends`` that the others are held against on whole maps; None: they are
    held against each other.
    rounds: merges of each map by each backend, in turns; baselines: names from ``bench.runner.baselines``.
    pictures: how many images the picture grid shows; limit: take only so many of the split.
    """

    name: str
    dataset: str
    split: str
    model: str
    linkages: tuple[str, ...]
    backends: tuple[str, ...]
    reference: str
    crop: tuple[int, int]
    rounds: int
    baselines: tuple[str, ...]
    pictures: int
    map_reference: str | None = None
    limit: int | None = None


@dataclass(frozen=True)
class SpeedStudy:
    """What is to merge the seeded fields side by side; no images, no networks.

    noises: of the fields. size: (height, width) of the fields that all merge in turns; sizes: those that the
    backends of ``scaled`` merge with one thread. baseline: what the others are compared with, to the bit, and
    their times divided by; threads: a row for each number that a backend can use. peers: names from
    ``bench.peers``. rounds: merges of each field by each.
    """

    name: str
    dataset: str
    noises: tuple[str, ...]
    linkages: tuple[str, ...]
    size: tuple[int, int]
    sizes: tuple[tuple[int, int], ...]
    baseline: str
    backends: tuple[str, ...]
    threads: tuple[int, ...]
    scaled: tuple[str, ...]
    peers: tuple[str, ...]
    rounds: int

    def limited(self, count: int | None) -> "SpeedStudy":
        """The same with its ``count`` smallest sizes only; all take turns at the largest left, if theirs
        is not among them."""
        left = tuple(sorted(self.sizes, key=lambda size: size[0] * size[1])[:count])
        return replace(self, sizes=left, size=self.size if self.size in left else left[-1])


def names() -> list[str]:
    """The studies there are."""
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


def read_study(name: str) -> Study | SpeedStudy:
    """Read ``bench/studies/NAME.toml``; raises ``StudyError`` naming the entry that is wrong."""
    path = FOLDER / f"{name}.toml"
    if not path.exists():
        raise StudyError(f"no study {name!r}: there are {', '.join(names())}")
    try:
        table = tomllib.loads(path.read_text())
    except tomllib.TOMLDecodeError as error:
        raise StudyError(f"{path}: not TOML: {error}") from None
    schema = json.loads(SCHEMA_FILE.read_text())
    fault = best_match(Draft202012Validator(schema).iter_errors(table))
    if fault is not None:
        raise StudyError(f"{path}: {fault.json_path.removeprefix('$.')}: {fault.message}")
    table = {key: _tuples(value) for key, value in table.items()}
    kind, judge = (SpeedStudy, "baseline") if table["dataset"] == "fields" else (Study, "reference")
    if table[judge] in table["backends"]:
        raise StudyError(f"{path}: {judge} {table[judge]!r} is one of the backends too")
    map_reference = table.get("map_reference")
    if map_reference is not None and map_reference not in table["backends"]:
        raise StudyError(f"{path}: map_reference {map_reference!r} is none of the backends")
    if kind is SpeedStudy:
        _check_parts(path, table)
    return kind(name, **table)


def _check_parts(path: Path, table: dict) -> None:
    """Raise ``StudyError`` unless ``size`` is one of the sizes and ``scaled`` are some of the backends."""
    if table["size"] not in table["sizes"]:
        raise StudyError(f"{path}: size {list(table['size'])} is none of the sizes")
    for name in table["scaled"]:
        if name not in table["backends"]:
            raise StudyError(f"{path}: scaled: {name!r} is none of the backends")


def _tuples(value: Any) -> Any:
    return tuple(map(_tuples, value)) if isinstance(value, list) else value
