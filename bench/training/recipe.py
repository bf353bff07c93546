"""Reads recipes: TOML files in ``bench/recipes`` that say how both networks of a model are trained."""

import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from models.image_preprocessing import Normalisation
from models.model_config import NetworkConfig
from models.training.schedule_and_optimizer import Phase, Schedule
from models.training.train_one_network import TrainingSettings

RECIPES_FOLDER = Path(__file__).parent.parent / "recipes"

SCHEDULE_OPTIONS = ("optimizer", "momentum", "drop", "drop_every")
"""Settings of ``Schedule`` that are optional in a network's table."""


@dataclass(frozen=True)
class Recipe:
    """The content of a recipe file: how both networks of a model are trained.

    stages: the distances of each stage of the merge. text: the text of the file.
    stretch, enlarge_to: as in ``ModelConfig``.
    starting_weight_files: by network, the file of its starting weights; others start from random weights.
    kept_shares: by network, the share of its starting weights in the saved weights, where it is not 0.
    smoke: whether the recipe was shrunk for a trial (:mod:`bench.training.shrink_recipe`).
    """

    name: str
    dataset: str
    stages: tuple[tuple[int, ...], ...]
    normalisation: Normalisation
    semantic: TrainingSettings
    affinity: TrainingSettings
    text: str
    stretch: bool = False
    enlarge_to: int = 0
    starting_weight_files: dict[str, Path] = field(default_factory=dict)
    kept_shares: dict[str, float] = field(default_factory=dict)
    smoke: bool = False

    @property
    def distances(self) -> tuple[int, ...]:
        """The distances of all stages, in the order of the affinity channels."""
        return tuple(distance for stage in self.stages for distance in stage)

    def training_settings(self, network: str) -> TrainingSettings:
        """The recipe of "semantic" or "affinity"."""
        return {"semantic": self.semantic, "affinity": self.affinity}[network]


def read_recipe(path: Path, steps: int | None = None) -> Recipe:
    """Read a recipe file; raises ValueError for a missing or malformed file.

    steps: if given, every phase is shortened to this many steps.
    """
    if not path.exists():
        known = ", ".join(sorted(recipe.stem for recipe in RECIPES_FOLDER.glob("*.toml")))
        raise ValueError(f"no recipe {path.stem!r} in {path.parent}: there are {known}")
    table = tomllib.loads(path.read_text())
    channels = {"semantic": 1 + table["classes"], "affinity": 8 * sum(map(len, table["stages"]))}
    recipes = {}
    for network in channels:
        try:
            recipes[network] = _training_settings(table, table[network], channels[network], steps)
        except ValueError as error:
            raise ValueError(f"{path}: [{network}]: {error}") from None
    return _recipe(table, path.read_text(), recipes["semantic"], recipes["affinity"])


def _recipe(
    table: dict[str, Any], text: str, semantic: TrainingSettings, affinity: TrainingSettings
) -> Recipe:
    tables = {"semantic": table["semantic"], "affinity": table["affinity"]}
    return Recipe(
        table["name"],
        table["dataset"],
        tuple(tuple(stage) for stage in table["stages"]),
        Normalisation(tuple(table["mean"]), tuple(table["std"])),
        semantic,
        affinity,
        text,
        table.get("stretch", False),
        table.get("enlarge_to", 0),
        starting_weight_files={
            name: Path(own["start"]) for name, own in tables.items() if "start" in own
        },
        kept_shares={name: own["keep"] for name, own in tables.items() if own.get("keep")},
    )


def _training_settings(
    recipe: dict[str, Any], table: dict[str, Any], channels: int, steps: int | None
) -> TrainingSettings:
    """One network's table of a recipe; settings of both networks are at the top of the recipe."""
    schedule = _schedule(table, steps)
    network = {key: _as_tuple(value) for key, value in table["network"].items()}
    own_stride = schedule.output_stride(schedule.steps)
    return TrainingSettings(
        network=NetworkConfig(channels=channels, output_stride=own_stride, **network),
        schedule=schedule,
        crop=recipe["crop"],
        batch=table["batch"],
        scales=tuple(table["scales"]),
        balance=tuple(table["balance"]),
        loss_step=table["loss_step"],
        seed=recipe["seed"],
        turned=recipe.get("turned", False),
        gamma=recipe.get("gamma", 1.0),
    )


def _schedule(table: dict[str, Any], steps: int | None) -> Schedule:
    phases = tuple(
        Phase(min(phase["steps"], steps or phase["steps"]), _as_tuple(phase["output_stride"]))
        for phase in table["phases"]
    )
    options = {key: table[key] for key in SCHEDULE_OPTIONS if key in table}
    return Schedule(
        phases, table["learning_rate"], table["weight_decay"], table["warmup"], **options
    )


def _as_tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
