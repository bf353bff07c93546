"""``python -m bench train``: a data set and a recipe in, a model folder with its record out."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import torch
from tqdm import tqdm

from bench.datasets import Dataset, open_dataset
from bench.paths import data_folder
from bench.recipes import FOLDER as RECIPES
from bench.recipes import TrainingPlan, read_plan
from bench.report.losses import write_losses
from bench.types import VOID, Sample
from merge_impls.files import replacing
from merge_impls.machine import machine
from models.config import MergeConfig, ModelConfig
from models.crops import Annotated
from models.folder import NETWORKS, load_model, save_model
from models.learning import train_affinity, train_semantic
from models.metrics import measure
from models.normalisation import stretched
from models.targets import VOID_INSTANCE
from models.training import Progress, Trainer

PAPER_THRESHOLDS = (0.97, 0.7, 0.3)
"""Section 3.4; what a new model starts with until ``python -m bench tune`` has chosen its own."""


def annotated(sample: Sample) -> Annotated:
    """A sample as the networks learn from it: void pixels belong to no instance and to no background."""
    instances = np.where(sample.semantic == VOID, VOID_INSTANCE, sample.instances)
    return Annotated(sample.image, sample.semantic, instances.astype(np.int32))


def train(
    recipe: str, root: Path | None, folder: Path, work: Path, only: str | None, steps: int | None
) -> None:
    """Train what ``recipe`` describes and write the model folder, unless ``only`` one network was asked for.

    work: where checkpoints lie; a training that was stopped goes on from there.
    """
    table_path = RECIPES / f"{recipe}.toml"
    plan = read_plan(table_path, steps=steps)
    dataset = open_dataset(plan.dataset, root or data_folder(plan.dataset))
    names = dataset.names("train")
    tuning = dataset.tuning(names)
    if not tuning or len(tuning) == len(names):
        raise ValueError(
            f"{dataset.root}: of {len(names)} images of train {len(tuning)} are the tuning slice; training "
            "needs some in it and some outside (`python -m bench scenes` makes scenes that have both)"
        )
    learnt = [name for name in names if name not in set(tuning)]
    sources = load_all(dataset, learnt, "reading")
    if plan.stretch:
        sources = [replace(source, image=stretched(source.image)) for source in sources]
    trainers = {
        network: train_network(network, sources, plan, work)
        for network in (NETWORKS if only is None else [only])
    }
    if only is None:
        slice_ = load_all(dataset, tuning, "reading the tuning slice")
        finish(folder, plan, trainers, slice_, dataset.class_names, dataset.super_classes)


def load_all(dataset: Dataset, names: list[str], what: str) -> list[Annotated]:
    return [annotated(dataset.load("train", name)) for name in tqdm(names, desc=what, unit="image")]


def train_network(
    network: str, sources: list[Annotated], plan: TrainingPlan, work: Path
) -> Trainer:
    """Train "semantic" or "affinity" in the folder ``work``, where its checkpoint lies."""
    recipe = getattr(plan, network)
    checkpoint = work / f"{network}.checkpoint"
    with tqdm(total=recipe.schedule.steps, desc=network, unit="step") as bar:

        def on_step(progress: Progress) -> None:
            bar.n = progress.step
            bar.set_postfix(loss=f"{np.mean(progress.losses[-100:]):.4f}", refresh=False)
            bar.update(0)

        if network == "semantic":
            trainer = train_semantic(sources, recipe, plan.preprocess, checkpoint, on_step)
        else:
            trainer = train_affinity(
                sources, recipe, sum(plan.stages, ()), plan.preprocess, checkpoint, on_step
            )
        on_step(trainer.progress)  # which may have been at its end when it was read
        write_losses(trainer.progress.losses, work, network)
        return trainer


def finish(
    folder: Path,
    plan: TrainingPlan,
    trainers: dict[str, Trainer],
    tuning: list[Annotated],
    classes: tuple[str, ...],
    super_classes: tuple[tuple[str, ...], ...],
) -> None:
    """Write the model folder and its ``training.json``, measured on the tuning slice."""
    networks = {
        name: replace(
            getattr(plan, name).network, output_stride=trainer.network.config.output_stride
        )
        for name, trainer in trainers.items()
    }
    start = MergeConfig(PAPER_THRESHOLDS, 50)
    config = ModelConfig(
        name=plan.name,
        classes=classes,
        super_classes=super_classes,
        stages=plan.stages,
        mean=plan.preprocess.mean,
        std=plan.preprocess.std,
        crop=plan.semantic.crop,
        **networks,
        merge={"average": start, "weighted": start},
        stretch=plan.stretch,
        enlarge_to=plan.enlarge_to,
    )
    save_model(
        folder, config, {name: trainer.network.state_dict() for name, trainer in trainers.items()}
    )
    record = {
        "recipe": plan.text,
        "seed": plan.semantic.seed,
        "networks": {name: _history(trainer) for name, trainer in trainers.items()},
        "tuning_slice": {"images": len(tuning), **measure(load_model(folder), tuning)},
        "machine": machine(),
        "torch": torch.__version__,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    with replacing(folder / "training.json") as partial:
        partial.write_text(json.dumps(record, indent=1) + "\n")


def _history(trainer: Trainer, points: int = 100) -> dict:
    """Steps, seconds, and the losses as means over ``points`` equal stretches."""
    losses = np.asarray(trainer.progress.losses)
    stretches = np.array_split(losses, min(points, len(losses)))
    return {
        "parameters": sum(weight.numel() for weight in trainer.network.parameters()),
        "steps": len(losses),
        "seconds": round(trainer.progress.seconds, 1),
        "losses": [round(float(stretch.mean()), 5) for stretch in stretches],
    }
