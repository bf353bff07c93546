"""Read recipes: TOML files in ``bench/recipes`` that describe how both networks of a model are trained."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.datasets.cityscapes_labels import SEMANTIC_LABELS
from bench.paths import RECIPES
from bench.training.patches.patch import PATCH_SETS
from bench.training.patches.patch_index import Mixture
from bench.training.recipe_table import check_training, read_recipe_table
from models.image_preprocessing import Normalisation
from models.model_config import NetworkConfig
from models.training.schedule_and_optimizer import Phase, Schedule
from models.training.training_settings import TrainingSettings

RECIPES_FOLDER = RECIPES

SCHEDULE_OPTIONS = ("optimizer", "momentum", "drop", "drop_every")
"""The settings of ``Schedule`` that the table of a network in a recipe may leave out."""


@dataclass(frozen=True)
class TrainingStep:
    """A training of one network, which may be one of several in a row.

    name: the name of the step; "" for the last one.
    settings: the settings of the training.
    mixture: how often each set of patches is in the data. If it is empty, the data are whole images.
    all_labels: whether the semantic network is trained on the 19 semantic labels of Cityscapes.
    """

    name: str
    settings: TrainingSettings
    mixture: Mixture = field(default_factory=dict)
    all_labels: bool = False


@dataclass(frozen=True)
class Recipe:
    """The content of a recipe: how both networks of a model are trained.

    stages, stretch, enlarge_to: settings of the model; see ``ModelConfig``.
    semantic, affinity: the settings of the training of each network.
    text: the text of the recipe file.
    starting_weight_files: for each network that does not start from random weights, the file of its starting
        weights.
    starting_weight_shares: for each network that keeps a share of its starting weights, this share (``keep``
        in ``blend_weights``).
    smoke: whether the recipe was shrunk for a trial (``shrink_recipe``).
    earlier_steps: the trainings of the semantic network before the one with the settings ``semantic``. Each
        training starts from the weights of the one before.
    mixtures: by network, the mixture of patches that it is trained on (in its last step).
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
    starting_weight_shares: dict[str, float] = field(default_factory=dict)
    smoke: bool = False
    earlier_steps: tuple[TrainingStep, ...] = ()
    mixtures: dict[str, Mixture] = field(default_factory=dict)

    @property
    def distances(self) -> tuple[int, ...]:
        """The distances of all stages, in the order of the channels of the affinity network."""
        return tuple(distance for stage in self.stages for distance in stage)

    def settings_of_network(self, network: str) -> TrainingSettings:
        """The settings of the training of the network "semantic" or "affinity"."""
        return {"semantic": self.semantic, "affinity": self.affinity}[network]

    def steps_of_network(self, network: str) -> list[TrainingStep]:
        """The trainings of a network in their order."""
        earlier = self.earlier_steps if network == "semantic" else ()
        last = TrainingStep("", self.settings_of_network(network), self.mixtures.get(network, {}))
        return [*earlier, last]


def recipe_path(recipe: str) -> Path:
    """The file of a recipe: a name in ``bench/recipes``, or the path of any TOML file."""
    return Path(recipe) if recipe.endswith(".toml") else RECIPES_FOLDER / f"{recipe}.toml"


def read_recipe(path: Path, steps: int | None = None) -> Recipe:
    """Read a recipe file. Raises ValueError if the file is missing or a setting is invalid.

    steps: if given, each phase of the training is shortened to this many steps.
    """
    if not path.exists():
        known = ", ".join(sorted(recipe.stem for recipe in RECIPES_FOLDER.glob("*.toml")))
        raise ValueError(
            f"there is no recipe {path.stem!r} in {path.parent}; take one of {known}, or the path "
            "of a TOML file"
        )
    text, table = read_recipe_table(path)
    found = {}
    for network in ("semantic", "affinity"):
        try:
            found[network] = _build_steps(table, network, steps)
        except ValueError as error:
            raise ValueError(f"{path}: [{network}]: {error}") from None
    return _build_recipe(table, text, found["semantic"], found["affinity"][-1])


def _build_steps(table: dict[str, Any], network: str, steps: int | None) -> list[TrainingStep]:
    """The trainings of a network: one for each table in ``steps``, whose entries replace the common ones."""
    common = table[network]
    if network == "affinity" and "steps" in common:
        raise ValueError(
            "steps: only the semantic network is trained in steps; write the keys in [affinity]"
        )
    entries = [common | entry for entry in common.get("steps", [{}])]
    for number, entry in enumerate(entries[:-1], start=1):
        if "name" not in entry:
            raise ValueError(f"step {number} has no name; only the last step needs none: add one")
    return [
        _build_step(table, network, "" if entry is entries[-1] else entry["name"], entry, steps)
        for entry in entries
    ]


def _build_step(
    table: dict[str, Any], network: str, name: str, entry: dict[str, Any], steps: int | None
) -> TrainingStep:
    check_training(network, entry)
    labels = entry.get("labels", "classes")
    if labels not in ("classes", "all"):
        raise ValueError(f"labels is {labels!r}; it must be 'classes' or 'all'")
    if labels == "all" and (network != "semantic" or not name):
        raise ValueError(
            "labels is 'all', which only a step of the semantic network before the last may have"
        )
    mixture = entry.get("data", {})
    for unknown in mixture.keys() - set(PATCH_SETS):
        raise ValueError(f"data: the set {unknown!r} is unknown; take {', '.join(PATCH_SETS)}")
    channels = 1 + table["classes"] if labels == "classes" else len(SEMANTIC_LABELS)
    if network == "affinity":
        channels = 8 * sum(map(len, table["stages"]))
    settings = _build_training_settings(table, entry, channels, steps)
    return TrainingStep(name, settings, mixture, labels == "all")


def _build_recipe(
    table: dict[str, Any], text: str, semantic: list[TrainingStep], affinity: TrainingStep
) -> Recipe:
    tables = {"semantic": table["semantic"], "affinity": table["affinity"]}
    files = {name: Path(entries["start"]) for name, entries in tables.items() if "start" in entries}
    shares = {name: entries["keep"] for name, entries in tables.items() if entries.get("keep")}
    return Recipe(
        table["name"],
        table["dataset"],
        tuple(tuple(stage) for stage in table["stages"]),
        Normalisation(tuple(table["mean"]), tuple(table["std"])),
        semantic[-1].settings,
        affinity.settings,
        text,
        table.get("stretch", False),
        table.get("enlarge_to", 0),
        starting_weight_files=files,
        starting_weight_shares=shares,
        earlier_steps=tuple(semantic[:-1]),
        mixtures={"semantic": semantic[-1].mixture, "affinity": affinity.mixture},
    )


def _build_training_settings(
    recipe: dict[str, Any], table: dict[str, Any], channels: int, steps: int | None
) -> TrainingSettings:
    """The settings of the training of one network, from the ``recipe`` and its ``table`` of the network."""
    schedule = _build_schedule(table, steps)
    network = {key: _list_to_tuple(value) for key, value in table["network"].items()}
    last_stride = schedule.output_stride_at(schedule.steps)
    return TrainingSettings(
        network=NetworkConfig(channels=channels, output_stride=last_stride, **network),
        schedule=schedule,
        crop=recipe["crop"],
        batch=table["batch"],
        scales=tuple(table["scales"]),
        balance=tuple(table["balance"]),
        loss_step=table["loss_step"],
        seed=recipe["seed"],
        turned=recipe.get("turned", False),
        gamma=recipe.get("gamma", 1.0),
        micro_batches=table.get("micro_batches", 1),
        sync_batch_norm=table.get("sync_batch_norm", False),
    )


def _build_schedule(table: dict[str, Any], steps: int | None) -> Schedule:
    phases = tuple(
        Phase(min(phase["steps"], steps or phase["steps"]), _list_to_tuple(phase["output_stride"]))
        for phase in table["phases"]
    )
    options = {key: table[key] for key in SCHEDULE_OPTIONS if key in table}
    return Schedule(
        phases, table["learning_rate"], table["weight_decay"], table["warmup"], **options
    )


def _list_to_tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
