"""The JSON schema of studies has the same entries, types and required entries as the dataclasses."""

import json
from dataclasses import MISSING, fields
from types import UnionType
from typing import Union, get_args, get_origin, get_type_hints

import pytest

from bench import paths
from bench.runner import study_file
from bench.runner.problem_change import ProblemChange
from bench.runner.study import Goal, GoalMethod, Study, StudyFields, StudyImages, Variant

SCHEMA = json.loads(study_file.SCHEMA_FILE.read_text())
KINDS = {"images": StudyImages, "fields": StudyFields}
NOT_IN_THE_TABLE = {(Study, "name"), (Study, "source"), (Variant, "declared_name")}
"""Entries that no table has: the file says a study's name and source, and a sweep a row's declared name."""
KEYS = {"variants": "rows", "oracle": "truth", "field_study": "fields"}
"""Keys of the TOML that differ from the names in the dataclasses."""
PARTS = {"row": Variant, "goal": Goal, "goal_method": GoalMethod}
TYPES = {str: "string", int: "integer", float: "number", bool: "boolean", tuple: "array"}


def resolved(entry):
    """An entry of the schema, with its ``$ref`` replaced by the definition."""
    if "$ref" not in entry:
        return entry
    return resolved(SCHEMA["$defs"][entry["$ref"].rpartition("/")[2]])


def type_of(annotation):
    """The JSON type of an annotation; "object" for a dataclass."""
    origin = get_origin(annotation)
    if origin in (Union, UnionType):
        (annotation,) = {one for one in get_args(annotation) if one is not type(None)}
    return TYPES.get(get_origin(annotation) or annotation, "object")


def types_of(cls):
    """The JSON type of each key of a dataclass, and the keys that have no default."""
    hints = get_type_hints(cls)
    entries = [one for one in fields(cls) if (cls, one.name) not in NOT_IN_THE_TABLE]
    types = {KEYS.get(one.name, one.name): type_of(hints[one.name]) for one in entries}
    needed = {KEYS.get(one.name, one.name) for one in entries if one.default is MISSING}
    return types, needed


def schema_types(part):
    return {name: resolved(entry)["type"] for name, entry in part["properties"].items()}


@pytest.mark.parametrize("kind", KINDS)
def test_the_schema_of_a_kind_has_the_types_of_the_dataclasses(kind):
    part = SCHEMA["$defs"][kind]
    (shared, needed), (own, own_needed) = types_of(Study), types_of(KINDS[kind])
    found = schema_types(part)
    assert found.items() <= (shared | own).items()
    assert own.keys() <= found.keys()
    assert needed | own_needed <= {*part["required"]} <= found.keys()


def test_every_entry_of_a_study_is_in_the_schema_of_some_kind():
    entries = set().union(*(schema_types(SCHEMA["$defs"][kind]) for kind in KINDS))
    known = set().union(*(types_of(cls)[0] for cls in (Study, *KINDS.values())))
    assert entries == known


@pytest.mark.parametrize("part", PARTS)
def test_the_schema_of_a_part_has_the_types_of_its_dataclass(part):
    types, needed = types_of(PARTS[part])
    found = schema_types(SCHEMA["$defs"][part])
    if part == "row":  # the TOML has what a row changes of the shared strategy
        assert types.pop("own_linkage") == "boolean" and types.pop("strategy") == "object"
        assert found.pop("set") == "object"
        needed = needed - {"strategy"}
        # the TOML has the entries of a change of the problems; one row may stand for several seeds
        assert types.pop("problem_change") == "object" and found.pop("seeds") == "integer"
        change = types_of(ProblemChange)[0]
        assert change.pop("seed") == "integer"
        types |= change
    assert found == types
    assert {*SCHEMA["$defs"][part]["required"]} == needed


def test_every_committed_study_is_read():
    assert {study_file.read_study(name).is_of_fields for name in paths.study_names()} == {
        True,
        False,
    }
