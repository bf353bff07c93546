"""Read the table of a recipe file, and check each key and each value."""

import json
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from bench.paths import RECIPES
from merge_impls.regular_files import check_regular_file
from models.model_config import SCHEMA_FILE as MODEL_SCHEMA_FILE
from models.toml_schema import TomlFile, describe_schema_error, read_toml

SCHEMA_FILE = RECIPES / "recipe.schema.json"

NETWORK_KEYS_OF_TRAINING = ("channels", "output_stride")
"""The settings of a network in ``model.toml`` that follow from other keys of a recipe."""

KEYS_OF_TABLE_ALONE = ("steps", "start", "keep")
"""The keys in the table of a network that its steps cannot have."""

NEEDED_KEYS = (
    *("network", "phases", "batch", "scales", "balance", "loss_step"),
    *("learning_rate", "weight_decay", "warmup"),
)
"""The keys that each training of a network needs."""


def read_recipe_table(path: Path) -> TomlFile:
    """Read a recipe file. Raises ValueError, one line, that names the wrong entry."""
    check_regular_file(path)
    content = read_toml(path)
    error_line = describe_schema_error(content.table, _read_schema())
    if error_line is not None:
        raise ValueError(f"{path}: {error_line}")
    return content


def _read_schema() -> dict[str, Any]:
    schema: dict[str, Any] = json.loads(SCHEMA_FILE.read_text())
    model_schema = json.loads(MODEL_SCHEMA_FILE.read_text())
    kinds = schema["$defs"]
    kinds["network"]["properties"] = _without(
        model_schema["$defs"]["network"]["properties"], NETWORK_KEYS_OF_TRAINING
    )
    kinds["step"]["properties"] |= _without(kinds["training"]["properties"], KEYS_OF_TABLE_ALONE)
    return schema


def _without(properties: Mapping[str, Any], names: Collection[str]) -> dict[str, Any]:
    return {name: entry for name, entry in properties.items() if name not in names}


def check_training(network: str, entries: Mapping[str, Any]) -> None:
    """Raise ValueError, one line, if the entries of a training lack a key or contradict one another.

    network: "semantic" or "affinity". entries: those of the network's table and of the step together.
    """
    for key in NEEDED_KEYS:
        if key not in entries:
            raise ValueError(f"{key} is missing; add it to the table, or to each of its steps")
    low, high = entries["scales"]
    if low > high:
        raise ValueError(
            f"scales is {entries['scales']}; write the smallest factor first, then the largest"
        )
    balance = entries["balance"]
    if network == "semantic" and len(balance) != 1:
        raise ValueError(
            f"balance is {balance}; the semantic network takes one number, such as [0.5]"
        )
    if network == "affinity" and (len(balance) not in (0, 3) or (balance and not any(balance))):
        raise ValueError(
            f"balance is {balance}; the affinity network takes three numbers that are not all 0, or []"
        )
