"""Studies: one TOML file each, the settings of ``python -m bench run NAME``."""

import json
import tomllib
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError, best_match

from bench.pipeline.strategy import PLAIN, Strategy, StrategyError, tuples

FOLDER = Path(__file__).parent.parent / "studies"
SCHEMA_FILE = FOLDER / "study.schema.json"
RENAMED = {"peer": "third_party", "peers": "third_party", "baselines": "scored_alone"}
"""Keys of earlier versions, with their present names."""


class StudyError(ValueError):
    """A study that does not exist or says what no study can mean, in one line."""


@dataclass(frozen=True)
class Variant:
    """One way to segment the images, a row of a study's table.

    name: "" where a study has but one for each linkage; strategy: all of it, the linkage included.
    paper: the paper's AP of this row in percent, on Cityscapes val. oracle: what the annotation gives in the
    place of a network ("affinity", "semantic"). against: the name of an earlier row that it is compared with;
    None: the row before. third_party: the method that merges instead of the study's backends, a name of
    ``bench.methods.THIRD_PARTY``.
    own_linkage: the row has a linkage of its own, whatever the study's are.
    """

    name: str
    strategy: Strategy
    paper: float | None = None
    oracle: tuple[str, ...] = ()
    against: str | None = None
    third_party: str | None = None
    own_linkage: bool = False

    @property
    def linkage(self) -> str:
        return self.strategy.linkage


@dataclass(frozen=True)
class Study:
    """What to run on which images, and what to compare.

    backends: merged and timed on whole maps; reference: checks ``crop`` (height, width) of every map.
    map_reference: the one of ``backends`` that the others are held against on whole maps; None: they are
    held against each other.
    rounds: merges of each map by each backend, in turns.
    scored_alone: names of ``bench.runner.scored_alone.SCORED_ALONE``.
    pictures: how many images the picture grid shows; limit: take only so many of the split.
    variants: with linkage "average"; ``all_variants`` has them for each of the linkages.
    strategy: of what is scored alone, and of the one variant of each linkage where ``variants`` is empty.
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
    scored_alone: tuple[str, ...]
    pictures: int
    map_reference: str | None = None
    limit: int | None = None
    variants: tuple[Variant, ...] = ()
    strategy: Strategy = PLAIN

    @property
    def all_variants(self) -> list[Variant]:
        """All that is merged: by linkage, and for each the variants in their order."""
        declared = self.variants or (Variant("", self.strategy),)
        return [
            variant
            if variant.own_linkage
            else replace(variant, strategy=variant.strategy.replace(linkage=linkage))
            for linkage in self.linkages
            for variant in declared
            if not variant.own_linkage or linkage == self.linkages[0]
        ]

    def before(self, variant: Variant) -> Variant | None:
        """The variant of the same linkage with which ``variant`` is compared; None for the first of each."""
        earlier = self.all_variants[: self.all_variants.index(variant)]
        if variant.against is None:
            first = not self.variants or variant.name == self.variants[0].name
            return None if first else earlier[-1]
        return next(other for other in reversed(earlier) if other.name == variant.against)


@dataclass(frozen=True)
class SpeedStudy:
    """What is to merge the seeded fields side by side; no images, no networks.

    noises: of the fields. size: (height, width) of the fields that all merge in turns; sizes: those that the
    backends of ``scaled`` merge with one thread. baseline: what the others are compared with, to the bit, and
    their times divided by; threads: a row for each number that a backend can use. third_party: names from
    ``bench.methods``. rounds: merges of each field by each.
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
    third_party: tuple[str, ...]
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
        where = fault.json_path.removeprefix("$.")
        raise StudyError(f"{path}: {where}: {fault.message}{_closest(fault)}")
    try:
        _strategies(table)
    except StrategyError as error:
        raise StudyError(f"{path}: {error}") from None
    table = {key: tuples(value) for key, value in table.items()}
    kind, judge = (SpeedStudy, "baseline") if table["dataset"] == "fields" else (Study, "reference")
    if table[judge] in table["backends"]:
        raise StudyError(f"{path}: {judge} {table[judge]!r} is one of the backends too")
    map_reference = table.get("map_reference")
    if map_reference is not None and map_reference not in table["backends"]:
        raise StudyError(f"{path}: map_reference {map_reference!r} is none of the backends")
    if kind is SpeedStudy:
        _check_parts(path, table)
    return kind(name, **table)


def find_variant(study: str, name: str) -> Variant:
    """The variant of this name of a study, for the first of its linkages; raises ``StudyError``."""
    settings = read_study(study)
    variants = settings.all_variants if isinstance(settings, Study) else []
    for variant in variants:
        if variant.name == name:
            return variant
    known = list(dict.fromkeys(variant.name for variant in variants if variant.name))
    raise StudyError(f"study {study} has no row {name!r}: there are {', '.join(known) or 'none'}")


def _closest(fault: ValidationError) -> str:
    """For a key that there is not: the one that was perhaps meant."""
    if fault.validator != "additionalProperties":
        return ""
    known = list(fault.schema.get("properties", {}))
    unknown = [key for key in fault.instance if key not in known]
    if RENAMED.get(unknown[0]) in known:
        return f"; it is now called {RENAMED[unknown[0]]!r}"
    close = get_close_matches(unknown[0], known, 1, 0)
    return f"; the closest is {close[0]!r}" if close else ""


def _strategies(table: dict) -> None:
    """Read ``strategy`` (what all share, beside ``PLAIN``) and ``rows`` (what each has of its own)."""
    shared = PLAIN.replace(**table.pop("strategy", {}))
    rows = table.pop("rows", [])
    if table["dataset"] == "fields":
        return
    table["strategy"] = shared
    table["variants"] = [
        Variant(
            row["name"],
            shared.replace(**row.get("set", {})),
            row.get("paper"),
            tuples(row.get("truth", [])),
            row.get("against"),
            row.get("third_party"),
            "linkage" in row.get("set", {}),
        )
        for row in rows
    ]
    for place, row in enumerate(rows):
        earlier = [other["name"] for other in rows[:place]]
        if row["name"] in earlier:
            raise StrategyError(f"rows: two are named {row['name']!r}")
        if row.get("against", row["name"]) not in [row["name"], *earlier]:
            raise StrategyError(
                f"rows: {row['name']!r} is compared with {row['against']!r}, which is no earlier row"
            )


def _check_parts(path: Path, table: dict) -> None:
    """Raise ``StudyError`` unless ``size`` is one of the sizes and ``scaled`` are some of the backends."""
    if table["size"] not in table["sizes"]:
        raise StudyError(f"{path}: size {list(table['size'])} is none of the sizes")
    for name in table["scaled"]:
        if name not in table["backends"]:
            raise StudyError(f"{path}: scaled: {name!r} is none of the backends")
