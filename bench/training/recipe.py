"""Training recipes: one TOML file each, read into what ``models`` understands."""

import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from models.model_config import NetworkConfig
from models.normalisation import Input
from models.training.train_networks import Recipe
from models.training.trainer import Phase, Schedule

FOLDER = Path(__file__).parent.parent / "recipes"

LATER = ("optimizer", "momentum", "drop", "drop_every")
"""What a network's table may say of its schedule; see ``Schedule``."""


@dataclass(frozen=True)
class TrainingPlan:
    """A recipe file, read: what both networks learn from, and how.

    starts: files of weights by network, for those that do not begin at random ones.
    keeps: by network the share of its start in the weights that are saved, where it is not 0.
    smoke: the plan was cut to a trial (bench.training.smoke).
    """

    name: str
    dataset: str
    stages: tuple[tuple[int, ...], ...]
    preprocess: Input
    semantic: Recipe
    affinity: Recipe
    text: str
    stretch: bool = False
    enlarge_to: int = 0
    starts: dict[str, Path] = field(default_factory=dict)
    keeps: dict[str, float] = field(default_factory=dict)
    smoke: bool = False


def read_plan(path: Path, steps: int | None = None) -> TrainingPlan:
    """Read a recipe file.

    steps: if given, every phase is shortened to this many steps, for trying a recipe out.
    """
    if not path.exists():
        known = ", ".join(sorted(recipe.stem for recipe in FOLDER.glob("*.toml")))
        raise ValueError(f"no recipe {path.stem!r} in {path.parent}: there are {known}")
    text = path.read_text()
    table = tomllib.loads(text)
    stages = tuple(tuple(stage) for stage in table["stages"])
    channels = {"semantic": 1 + table["classes"], "affinity": 8 * sum(map(len, stages))}
    recipes = {}
    for network in channels:
        try:
            recipes[network] = _recipe(table, table[network], channels[network], steps)
        except ValueError as error:
            raise ValueError(f"{path}: [{network}]: {error}") from None
    preprocess = Input(tuple(table["mean"]), tuple(table["std"]))
    return TrainingPlan(
        table["name"],
        table["dataset"],
        stages,
        preprocess,
        **recipes,
        text=text,
        stretch=table.get("stretch", False),
        enlarge_to=table.get("enlarge_to", 0),
        starts={n: Path(table[n]["start"]) for n in channels if "start" in table[n]},
        keeps={n: table[n]["keep"] for n in channels if table[n].get("keep")},
    )


def _recipe(
    plan: dict[str, Any], table: dict[str, Any], channels: int, steps: int | None
) -> Recipe:
    phases = tuple(
        Phase(min(phase["steps"], steps or phase["steps"]), _tuple(phase["output_stride"]))
        for phase in table["phases"]
    )
    schedule = Schedule(
        phases,
        table["learning_rate"],
        table["weight_decay"],
        table["warmup"],
        **{key: table[key] for key in LATER if key in table},
    )
    network = {key: _tuple(value) for key, value in table["network"].items()}
    own_stride = schedule.output_stride(schedule.steps)
    return Recipe(
        network=NetworkConfig(channels=channels, output_stride=own_stride, **network),
        schedule=schedule,
        crop=plan["crop"],
        batch=table["batch"],
        scales=tuple(table["scales"]),
        balance=tuple(table["balance"]),
        loss_step=table["loss_step"],
        seed=plan["seed"],
        turned=plan.get("turned", False),
        gamma=plan.get("gamma", 1.0),
    )


def _tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
