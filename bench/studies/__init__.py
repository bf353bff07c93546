"""Studies: one TOML file each, the settings of ``python -m bench run NAME``."""

import tomllib
from dataclasses import dataclass, fields
from pathlib import Path

FOLDER = Path(__file__).parent


class StudyError(ValueError):
    """A study that does not exist or says what no study can mean, in one line."""


@dataclass(frozen=True)
class Study:
    """What to run on which images, and what to compare.

    backends: merged and timed on whole maps; reference: checks ``crop`` (height, width) of every map.
    rounds: merges of each map by each backend, in turns; baselines: names from ``bench.baselines``.
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


def names() -> list[str]:
    """The studies there are."""
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


def read_study(name: str) -> Study:
    """Read ``bench/studies/NAME.toml``; raises ``StudyError``."""
    path = FOLDER / f"{name}.toml"
    if not path.exists():
        raise StudyError(f"no study {name!r}: there are {', '.join(names())}")
    try:
        table = tomllib.loads(path.read_text())
    except tomllib.TOMLDecodeError as error:
        raise StudyError(f"{path}: not TOML: {error}") from None
    known = {field.name for field in fields(Study)} - {"name"}
    for entry in sorted(known ^ table.keys()):
        what = (
            "is missing"
            if entry in known
            else f"is unknown; a study has {', '.join(sorted(known))}"
        )
        raise StudyError(f"{path}: {entry} {what}")
    values = {
        key: tuple(value) if isinstance(value, list) else value for key, value in table.items()
    }
    study = Study(name, **values)
    if not study.backends or not study.linkages or study.rounds < 1:
        raise StudyError(f"{path}: at least one backend, one linkage and one round are needed")
    return study
