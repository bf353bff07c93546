"""Table 1 of the paper: AP on the test split of Cityscapes, as published and from the evaluation server.

No record of a study is a row of this table: records are of val, of scenes or of other data sets.
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from bench.datasets.cityscapes_labels import CLASS_NAMES
from merge_impls.regular_files import check_regular_file
from models.toml_schema import describe_schema_error, read_toml

PUBLISHED_FILE = Path(__file__).with_suffix(".toml")
"""The published rows."""

PUBLISHED, FROM_SERVER = "published", "from the server"
"""The origin of a row."""

TABLE1_COLUMNS = ["method", "origin", *CLASS_NAMES, "AP50", "AP"]
"""The columns of the table. AP is in [0, 1]."""

_PERCENT = {"type": "number", "minimum": 0, "maximum": 100}
_ROW = {
    "type": "object",
    "additionalProperties": False,
    "required": ["method", "AP", "AP50", "classes"],
    "properties": {
        "method": {"type": "string", "minLength": 1},
        "AP": _PERCENT,
        "AP50": _PERCENT,
        "classes": {
            "type": "object",
            "additionalProperties": False,
            "required": list(CLASS_NAMES),
            "properties": dict.fromkeys(CLASS_NAMES, _PERCENT),
        },
    },
}
_SCHEMA = {
    "type": "object",
    "additionalProperties": False,
    "required": ["source", "rows"],
    "properties": {
        "source": {"type": "string", "minLength": 1},
        "dataset": {"enum": ["cityscapes"]},
        "split": {"enum": ["test"]},
        "rows": {"type": "array", "items": _ROW, "minItems": 1},
    },
}
_SERVER_SCHEMA = {**_SCHEMA, "required": ["source", "dataset", "split", "rows"]}


def table1(server_files: Sequence[Path] = ()) -> pd.DataFrame:
    """The published rows of Table 1, and those of files with figures of the evaluation server.

    A file is TOML with ``source`` (such as the date of the submission), ``dataset = "cityscapes"``,
    ``split = "test"``, and a table ``[[rows]]`` for each method, as in ``PUBLISHED_FILE``: AP in percent.
    Returns the columns ``TABLE1_COLUMNS``, one row a method. Raises ValueError, one line that names the file,
    for a file of another split or data set, a wrong value, and a method that has a row already.
    """
    rows = [_row(entry, PUBLISHED) for entry in _read_rows(PUBLISHED_FILE, _SCHEMA)]
    for path in server_files:
        for entry in _read_rows(path, _SERVER_SCHEMA):
            _check_method_and_unit(path, entry, {row["method"] for row in rows})
            rows.append(_row(entry, FROM_SERVER))
    return pd.DataFrame(rows)[TABLE1_COLUMNS]


def _read_rows(path: Path, schema: Mapping[str, Any]) -> list[dict[str, Any]]:
    check_regular_file(path)
    if path.suffix != ".toml":
        raise ValueError(
            f"{path}: is not a .toml file; records of a study cannot be in Table 1, which has figures of "
            "the evaluation server alone: docs/cityscapes.md has an example of such a file"
        )
    content = read_toml(path).table
    error_line = describe_schema_error(content, schema)
    if error_line is not None:
        raise ValueError(f"{path}: {error_line}; docs/cityscapes.md has an example of such a file")
    rows: list[dict[str, Any]] = content["rows"]
    return rows


def _check_method_and_unit(path: Path, entry: Mapping[str, Any], methods: Iterable[str]) -> None:
    """Raise ValueError if a method has a row already, or if its AP are fractions instead of percent."""
    name = entry["method"]
    if name in methods:
        raise ValueError(f"{path}: {name!r} has a row already; choose another name for the method")
    if 0 < max(entry["AP"], entry["AP50"], *entry["classes"].values()) <= 1:
        raise ValueError(f"{path}: {name!r}: AP is at most 1; write AP in percent, such as 27.3")


def _row(entry: Mapping[str, Any], origin: str) -> dict[str, Any]:
    percents = {**entry["classes"], "AP50": entry["AP50"], "AP": entry["AP"]}
    fractions = {name: value / 100 for name, value in percents.items()}
    return {"method": entry["method"], "origin": origin, **fractions}
