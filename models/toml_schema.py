"""Read TOML files, and check their tables against JSON schemas; a wrong entry is described in one line."""

import math
import tomllib
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NamedTuple

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError, best_match
from jsonschema.validators import extend

_Validator = extend(
    Draft202012Validator,
    # JSON has one kind of number, so that 2.0 is an integer. TOML distinguishes 2 from 2.0.
    type_checker=Draft202012Validator.TYPE_CHECKER.redefine(
        "integer", lambda _, value: isinstance(value, int) and not isinstance(value, bool)
    ),
)


class TomlFile(NamedTuple):
    """The content of a TOML file: its text, and the table that the text describes."""

    text: str
    table: dict[str, Any]


def read_toml(path: Path, error: type[ValueError] = ValueError) -> TomlFile:
    """Read a TOML file.

    Raises ``error``, one line that names the file, if the content is not TOML in UTF-8; FileNotFoundError if
    there is no file.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
        return TomlFile(text, tomllib.loads(text))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as reason:
        raise error(f"{path}: not TOML: {reason}") from None


def describe_schema_error(
    table: Mapping[str, Any], schema: Mapping[str, Any], renamed: Mapping[str, str] | None = None
) -> str | None:
    """Where a table does not follow a schema, what is wrong there, and a remedy; None for a valid table.

    An unknown key is described before a missing key, which it may be the misspelt form of. renamed: the
    present names of keys that had other names before.
    """
    errors = list(_Validator(schema).iter_errors(table))
    unknown = [error for error in errors if error.validator == "additionalProperties"]
    error = best_match(unknown or errors)
    if error is None:
        return next(_describe_numbers_that_are_not_finite(table, ""), None)
    where = error.json_path.removeprefix("$").removeprefix(".")
    return f"{where}{': ' if where else ''}{error.message}{_remedy(error, renamed or {})}"


def _remedy(error: ValidationError, renamed: Mapping[str, str]) -> str:
    """The end of the message: for an unknown key, its present name or the most similar known key."""
    if error.validator == "enum":
        return "; write one of these"
    if error.validator != "additionalProperties":
        return ""
    known = list(error.schema.get("properties", {}))
    unknown = next(key for key in error.instance if key not in known)
    if renamed.get(unknown) in known:
        return f"; it is now called {renamed[unknown]!r}"
    close = get_close_matches(unknown, known, 1, 0)
    return f"; the closest is {close[0]!r}" if close else ""


def _describe_numbers_that_are_not_finite(value: Any, where: str) -> Iterator[str]:
    """A line for each number nan or inf in a value of TOML. where: the place of the value."""
    if isinstance(value, float) and not math.isfinite(value):
        yield f"{where}: {value} is not a finite number; write a finite number"
    elif isinstance(value, Mapping):
        for key, entry in value.items():
            yield from _describe_numbers_that_are_not_finite(entry, f"{where}.{key}".lstrip("."))
    elif isinstance(value, list):
        for index, entry in enumerate(value):
            yield from _describe_numbers_that_are_not_finite(entry, f"{where}[{index}]")
