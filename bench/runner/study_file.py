"""Reads the settings of a study from ``bench/studies/NAME.toml``, and checks them."""

import dataclasses
import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from bench import paths
from bench.datasets import dataset_class
from bench.methods.all_methods import closest_and_known, find_method, methods_in_this_folder
from bench.pipeline.config import PLAIN, ConfigError, PipelineConfig, lists_to_tuples
from bench.runner.problem_change import ProblemChange
from bench.runner.study import Goal, GoalMethod, Study, StudyFields, StudyImages, Variant
from merge_impls.argument_checks import LINKAGES
from merge_impls.fields import FAMILIES
from merge_impls.regular_files import check_regular_file
from merge_impls.text_formats import quoted_names
from models.toml_schema import describe_schema_error, read_toml

SCHEMA_FILE = paths.STUDIES / "study.schema.json"
RENAMED = {"peer": "third_party", "peers": "third_party", "baselines": "scored_alone"}
"""The present name of each renamed entry of the TOML, by the earlier name."""


class StudyError(ValueError):
    """A study does not exist, or an entry has a wrong value. The message is one line."""


def read_study(
    name: str, dataset: str | None = None, entries: Mapping[str, Any] | None = None
) -> Study:
    """Read ``bench/studies/NAME.toml``, or the file if ``name`` ends with .toml.

    dataset: the data set to use instead of the one in the TOML; only for a study of images.
    entries: replace entries of the TOML.
    Raises ``StudyError``, which names the wrong entry.
    """
    path = study_path(name)
    name, table = path.stem, read_toml(path, StudyError).table | dict(entries or {})
    try:
        _check_schema(table)
        if "noises" in table:
            return _read_field_study(name, table, is_changed=bool(entries))
        return _read_image_study(name, table if dataset is None else table | {"dataset": dataset})
    except (StudyError, ConfigError) as error:
        raise StudyError(f"{path}: {error}") from None


def study_path(name: str) -> Path:
    """The file of a study. Raises ``StudyError``, which names the closest study, if there is none."""
    path = Path(name) if name.endswith(".toml") else paths.STUDIES / f"{name}.toml"
    if path.exists():
        try:
            check_regular_file(path)
        except ValueError as error:
            raise StudyError(str(error)) from None
        return path
    raise StudyError(f"no study {name!r}: {closest_and_known(name, paths.study_names())}")


def entries_of_studies() -> dict[str, bool]:
    """The entries of the TOML of any study, except tables, and whether the value of each is a list."""
    kinds = _read_schema()["$defs"]
    properties = kinds["images"]["properties"] | kinds["fields"]["properties"]
    return {
        name: "array" in (entry.get("type"), kinds.get(_definition(entry), {}).get("type"))
        or _definition(entry) == "some"
        for name, entry in properties.items()
        if name not in ("strategy", "rows", "goals", "fields")
    }


def _definition(entry: Mapping[str, Any]) -> str:
    return str(entry.get("$ref", "")).rpartition("/")[2]


def _read_schema() -> dict[str, Any]:
    schema: dict[str, Any] = json.loads(SCHEMA_FILE.read_text())
    schema["$defs"]["linkage"]["enum"] = list(LINKAGES)
    return schema


def find_variant(study: str, name: str | None, dataset: str | None = None) -> Variant:
    """The variant of a study with this name, and with the first linkage of the study.

    name: None stands for the name of the last variant. dataset: as for ``read_study``.
    Raises ``StudyError`` if there is no such variant.
    """
    variants = read_study(study, dataset).all_variants
    name = variants[-1].name if name is None else name
    for variant in variants:
        if variant.name == name:
            return variant
    known = list(dict.fromkeys(variant.name for variant in variants if variant.name))
    raise StudyError(
        f"study {study} has no row {name!r}: there are {quoted_names(known) or 'none'}"
    )


def _check_schema(table: dict[str, Any]) -> None:
    """Raise ``StudyError`` if an entry does not follow ``study.schema.json``."""
    for part in (table, table.get("fields")):
        if isinstance(part, dict) and "baseline" in part and "reference" not in part:
            raise StudyError(
                "'reference' is a required property; baseline names the method that times are divided by, "
                'reference the one that results must equal, such as "heap"'
            )
    mistake = describe_schema_error(table, _read_schema(), RENAMED)
    if mistake is not None:
        raise StudyError(mistake)


def _read_image_study(name: str, table: dict[str, Any]) -> Study:
    """Make a study of images. Raises ``StudyError`` or ``ConfigError`` for a wrong value.

    Settings of the pipeline that the TOML leaves out have the values of the data set's preset.
    """
    preset = dataset_class(table["dataset"]).preset
    shared = PLAIN.for_dataset(preset).replace(**table.pop("strategy", {}))
    variants = _read_variants(table.pop("rows", []), shared)
    of_fields = table.pop("fields", None)
    images = StudyImages(**_pop_source_entries(table, StudyImages))
    study = Study(name, images, **_with_tuples(table), strategy=shared, variants=variants)
    if of_fields is not None:
        shared_baseline = {"baseline": study.baseline} if study.baseline else {}
        study = replace(study, field_study=_read_field_study(name, shared_baseline | of_fields))
    _check_reference_and_baseline(study)
    if study.map_reference is not None and study.map_reference not in study.backends:
        raise StudyError(f"map_reference {study.map_reference!r} is none of the backends")
    for method in study.scored_alone:
        if find_method(method).find_instances is None:
            known = [name for name, one in methods_in_this_folder().items() if one.find_instances]
            raise StudyError(
                f"scored_alone: {method!r} finds no instances in images: {', '.join(known)} do"
            )
    return study


def _check_reference_and_baseline(study: Study) -> None:
    """Raise ``StudyError`` if the reference is a backend, or if the study does not time its baseline."""
    if study.reference in study.backends:
        raise StudyError(f"reference {study.reference!r} is one of the backends too")
    if study.baseline not in (None, *study.timed_methods):
        raise StudyError(
            f"baseline {study.baseline!r} is none of the timed methods {', '.join(study.timed_methods)}; "
            f"add it to the backends, or write --baseline {study.baseline}, which measures it too"
        )


def _read_variants(rows: list[dict[str, Any]], shared: PipelineConfig) -> tuple[Variant, ...]:
    """The variants of a study. Each row has the entries in which it differs from the ``shared`` strategy."""
    earlier: list[str] = []
    variants = []
    for row in _rows_of_seeds(rows):
        name, changes, against = row["name"], row.get("set", {}), row.get("against")
        variants.append(
            Variant(
                name,
                shared.replace(**changes),
                row.get("paper"),
                lists_to_tuples(row.get("truth", [])),
                against,
                row.get("third_party"),
                row.get("noise", 0.0),
                "linkage" in changes,
                ProblemChange(row.get("levels"), row.get("seed"), row.get("reversed_ties", False)),
            )
        )
        if name in earlier:
            raise StudyError(f"rows: two rows are named {name!r}; give each row another name")
        if against not in (None, name, *earlier):
            raise StudyError(
                f"rows: {name!r} is compared with {against!r}, which is not an earlier row"
            )
        earlier.append(name)
    return tuple(variants)


def _rows_of_seeds(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows of the TOML. A row with ``seeds`` becomes as many rows, "NAME, seed 1" and so on."""
    return [
        each
        for row in rows
        for each in (
            [
                {**row, "name": f"{row['name']}, seed {seed}", "seed": seed}
                for seed in range(1, 1 + row["seeds"])
            ]
            if "seeds" in row
            else [row]
        )
    ]


def _read_field_study(name: str, table: dict[str, Any], is_changed: bool = False) -> Study:
    """Make a study of fields. Raises ``StudyError`` for a wrong value.

    is_changed: whether goals of methods that are not in the study are left out, and not refused.
    """
    goals = tuple(_read_goal(goal) for goal in table.pop("goals", []))
    fields = StudyFields(**_pop_source_entries(table, StudyFields))
    study = Study(name, fields, **_with_tuples(table), goals=goals)
    _check_reference_and_baseline(study)
    if fields.size not in fields.sizes:
        raise StudyError(f"size {list(fields.size)} is none of the sizes")
    _check_families(fields)
    for backend in study.scaled:
        if backend not in study.backends:
            raise StudyError(f"scaled: {backend!r} is none of the backends")
    kept = tuple(goal for goal in goals if not _missing_method(study, goal))
    if len(kept) < len(goals) and not is_changed:
        goal = next(goal for goal in goals if goal not in kept)
        raise StudyError(
            f"goals: {goal.words!r}: {_missing_method(study, goal)!r} is not in the study"
        )
    return replace(study, goals=kept)


def _missing_method(study: Study, goal: Goal) -> str:
    """The first method of a goal that a study of fields does not time; "" if it times all."""
    timed = study.timed_methods
    return next((each.backend for each in goal.methods if each.backend not in timed), "")


def _check_families(fields: StudyFields) -> None:
    """Raise ``StudyError`` if a family is unknown, or if ``edges_of_all`` is not one of the sizes."""
    if fields.families and fields.edges_of_all not in fields.edges:
        raise StudyError(f"edges_of_all {fields.edges_of_all} is none of the edges")
    for family in fields.families:
        if family not in FAMILIES:
            raise StudyError(f"families: {family!r} is unknown: {', '.join(FAMILIES)} are known")


def _read_goal(goal: dict[str, Any]) -> Goal:
    of, by = GoalMethod(**goal.pop("of")), goal.pop("by", None)
    return Goal(**_with_tuples(goal), of=of, by=by and GoalMethod(**by))


def _pop_source_entries(
    table: dict[str, Any], source: type[StudyImages | StudyFields]
) -> dict[str, Any]:
    """Remove the entries of a study's images or fields from the table, and return them."""
    names = [field.name for field in dataclasses.fields(source) if field.name in table]
    return _with_tuples({name: table.pop(name) for name in names})


def _with_tuples(table: dict[str, Any]) -> dict[str, Any]:
    """Replace the lists in a table by tuples, because the dataclasses hold tuples."""
    return {key: lists_to_tuples(value) for key, value in table.items()}
