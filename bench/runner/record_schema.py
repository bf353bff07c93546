"""Checks that a JSON value follows the schema of records."""

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import fastjsonschema
import jsonschema

from merge_impls.argument_checks import LINKAGES

SCHEMA_FILE = Path(__file__).parents[2] / "results" / "record.schema.json"


class RecordError(ValueError):
    """A record does not follow the schema. The message is one line and names the wrong entry."""


@cache
def _schema() -> dict[str, Any]:
    schema: dict[str, Any] = json.loads(SCHEMA_FILE.read_text())
    schema["$defs"]["linkage"]["enum"] = list(LINKAGES)
    return schema


@cache
def _validator() -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(_schema())


@cache
def _compiled_check() -> Callable[[Any], Any]:
    """The check of the schema as compiled Python, which is many times as fast, but explains less."""
    check: Callable[[Any], Any] = fastjsonschema.compile(_schema(), use_default=False)
    return check


def _follows_schema(entries: Any) -> bool:
    try:
        _compiled_check()(entries)
    except fastjsonschema.JsonSchemaValueException:
        return False
    return True


def check_schema(entries: Any, where: str = "record") -> dict[str, Any]:
    """Return ``entries`` unchanged. Raises ``RecordError`` if they do not follow the schema.

    where: the place of the record, for the error.
    """
    error = None
    if not _follows_schema(entries):
        error = next(iter(_validator().iter_errors(entries)), None)
    if error is not None:
        raise RecordError(
            f"{where}: {error.json_path}: {' '.join(error.message.splitlines())[:200]}"
        )
    found: dict[str, Any] = entries
    return found
