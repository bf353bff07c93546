"""Studies: one TOML file each, the settings of ``python -m bench run NAME``."""

import json
import tomllib
from dataclasses import dataclass
from pathlib import Path

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
    pictures: how many images the picture grid shows.
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


def names() -> list[str]:
    """The studies there are."""
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


def read_study(name: str) -> Study:
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
    if table["reference"] in table["backends"]:
        raise StudyError(f"{path}: reference {table['reference']!r} is one of the backends too")
    map_reference = table.get("map_reference")
    if map_reference is not None and map_reference not in table["backends"]:
        raise StudyError(f"{path}: map_reference {map_reference!r} is none of the backends")
    lists = {key: tuple(value) for key, value in table.items() if isinstance(value, list)}
    return Study(name, **{**table, **lists})
