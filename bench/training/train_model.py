"""``python -m bench train``: a data set and a recipe in, a model folder with its record out."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import click
import numpy as np
import torch
from tqdm import tqdm
from tqdm.contrib.concurrent import thread_map

from bench.datasets import Dataset, open_dataset
from bench.paths import data_folder
from bench.report.figures.losses import write_losses
from bench.training.recipe import FOLDER as RECIPES
from bench.training.recipe import TrainingPlan, read_plan
from bench.training.smoke import BATCH, CROP, IMAGES, middle, smoked
from bench.training.smoke import STEPS as SMOKE_STEPS
from bench.types import VOID, Sample
from merge_impls.files import atomic_write
from merge_impls.machine import machine
from models.devices import device_model, device_named
from models.model_config import MergeConfig, ModelConfig
from models.model_folder import NETWORKS, load_model, save_model
from models.normalisation import stretched
from models.training.crop_batches import Annotated
from models.training.network_metrics import measure
from models.training.pair_targets import VOID_INSTANCE
from models.training.starting_weights import Start, blended, compare, read_start
from models.training.train_networks import train_affinity, train_semantic
from models.training.trainer import Progress, Trainer

PAPER_THRESHOLDS = (0.97, 0.7, 0.3)
"""Section 3.4; what a new model starts with until ``python -m bench tune`` has chosen its own."""


def annotated(sample: Sample) -> Annotated:
    """A sample as the networks learn from it: void pixels belong to no instance and to no background."""
    instances = np.where(sample.semantic == VOID, VOID_INSTANCE, sample.instances)
    return Annotated(sample.image, sample.semantic, instances.astype(np.int32))


def train(
    recipe: str,
    root: Path | None,
    folder: Path,
    work: Path,
    only: str | None,
    steps: int | None,
    *,
    dataset: str | None = None,
    start: Path | None = None,
    smoke: bool = False,
    device: str = "cpu",
    workers: int = 0,
) -> None:
    """Train what ``recipe`` describes and write the model folder, unless ``only`` one network was asked for.

    work: where checkpoints lie; a training that was stopped goes on from there.
    dataset: instead of the recipe's. start: a file of weights that both networks begin with, or a model
        folder, of which each begins with its own; instead of the recipe's.
    device: where the networks learn, "cpu", "cuda" or "cuda:N". workers: processes that draw batches ahead.
    smoke: try all of it on next to nothing, always from the beginning.
    """
    device_named(device)  # before hours are spent on reading
    plan = read_plan(RECIPES / f"{recipe}.toml", steps=steps or (SMOKE_STEPS if smoke else None))
    plan = smoked(plan) if smoke else plan
    place = dataset or plan.dataset
    data = open_dataset(place, root or data_folder(place))
    learnt, tuning = divided(data, plan)
    networks = NETWORKS if only is None else [only]
    if smoke:
        click.echo(f"A smoke of {recipe}: {BATCH} crops of {CROP} pixels a step; nothing is learnt")
        forget(work)
    starts = read_starts(plan.starts if start is None else start_files(start), networks)
    for network, weights in starts.items():
        begin(network, weights, plan, work)
    sources = load_all(data, learnt, "reading", plan.stretch)
    trainers = {
        network: train_network(network, sources, plan, work, starts.get(network), device, workers)
        for network in networks
    }
    if only is None:
        slice_ = load_all(data, tuning, "reading the tuning slice")
        slice_ = [middle(item) for item in slice_] if smoke else slice_
        known = (data.class_names, data.super_classes)
        finish(folder, plan, trainers, slice_, *known, starts, device)
    if smoke:
        forget(work)
        click.echo(f"The smoke is over{'' if only else f'; its model, good for nothing: {folder}'}")


def divided(dataset: Dataset, plan: TrainingPlan) -> tuple[list[str], list[str]]:
    """Images to learn from and those of the tuning slice; a smoke has few of both.

    Raises ValueError where there are none, and where the classes are not as many as the recipe's.
    """
    heads = plan.semantic.network.channels - 1
    if len(dataset.class_names) != heads:
        raise ValueError(
            f"{dataset.root}: has {len(dataset.class_names)} classes, recipe {plan.name} is for {heads}; "
            "set `classes` in a recipe of your own"
        )
    names = dataset.names("train")
    tuning = dataset.tuning(names)
    if not tuning or len(tuning) == len(names):
        raise ValueError(
            f"{dataset.root}: of {len(names)} images of train {len(tuning)} are the tuning slice; training "
            "needs some in it and some outside (`python -m bench scenes` makes scenes that have both)"
        )
    learnt = [name for name in names if name not in set(tuning)]
    return (learnt[:IMAGES], tuning[:IMAGES]) if plan.smoke else (learnt, tuning)


def start_files(start: Path) -> dict[str, Path]:
    """The file that each network begins with: the same, or its own of a model folder."""
    own = start.is_dir()
    return {network: start / f"{network}.safetensors" if own else start for network in NETWORKS}


def read_starts(paths: dict[str, Path], networks: Sequence[str]) -> dict[str, Start]:
    """The weights to begin with, by network; a file that several begin with is read once."""
    wanted = {network: paths[network] for network in networks if network in paths}
    files = {path: read_start(path) for path in wanted.values()}
    return {network: files[path] for network, path in wanted.items()}


def begin(network: str, start: Start, plan: TrainingPlan, work: Path) -> None:
    """Say what of the weights fits, before hours are spent on it; a training that goes on has its own."""
    if _checkpoint(work, network).exists():
        click.echo(f"{network}: goes on from its checkpoint, which began with {start.path}")
        return
    lines = compare(getattr(plan, network).network, start).lines()
    click.echo("\n".join([f"{network}: begins with {lines[0]}", *lines[1:]]))


def forget(work: Path) -> None:
    """Delete the checkpoints: a smoke tries the beginning, and those of large networks fill a disk."""
    for network in NETWORKS:
        _checkpoint(work, network).unlink(missing_ok=True)


def _checkpoint(work: Path, network: str) -> Path:
    return work / f"{network}.checkpoint"


def load_all(
    dataset: Dataset, names: list[str], what: str, stretch: bool = False
) -> list[Annotated]:
    """Images of train, annotated; those to learn from are ``stretched`` where the recipe says so."""

    def load(name: str) -> Annotated:
        found = annotated(dataset.load("train", name))
        return replace(found, image=stretched(found.image)) if stretch else found

    # Threads, as most of the time goes into unpacking PNGs, which does not hold the interpreter's lock.
    return thread_map(load, names, desc=what, unit="image")


def train_network(
    network: str,
    sources: list[Annotated],
    plan: TrainingPlan,
    work: Path,
    start: Start | None = None,
    device: str = "cpu",
    workers: int = 0,
) -> Trainer:
    """Train "semantic" or "affinity" in the folder ``work``, where its checkpoint lies."""
    recipe = getattr(plan, network)
    checkpoint = _checkpoint(work, network)
    with tqdm(total=recipe.schedule.steps, desc=network, unit="step") as bar:

        def on_step(progress: Progress) -> None:
            bar.n = progress.step
            bar.set_postfix(loss=f"{np.mean(progress.losses[-100:]):.4f}", refresh=False)
            bar.update(0)

        how = (plan.preprocess, checkpoint, on_step, start, device, workers)
        if network == "semantic":
            trainer = train_semantic(sources, recipe, *how)
        else:
            trainer = train_affinity(sources, recipe, sum(plan.stages, ()), *how)
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
    starts: dict[str, Start] | None = None,
    device: str = "cpu",
) -> None:
    """Write the model folder and its ``training.json``, measured on the tuning slice."""
    config = _configuration(plan, trainers, classes, super_classes)
    starts = starts or {}
    weights = {name: trainer.network.state_dict() for name, trainer in trainers.items()}
    kept = {name: keep for name, keep in plan.keeps.items() if _is_whole(name, starts, weights)}
    for name, keep in kept.items():
        weights[name] = blended(weights[name], starts[name], keep)
    save_model(folder, config, weights)
    networks = {
        name: _history(trainer)
        | _beginning(trainer, starts.get(name))
        | ({"kept_of_start": kept[name]} if name in kept else {})
        for name, trainer in trainers.items()
    }
    record = {
        "recipe": plan.text,
        **({"smoke": True} if plan.smoke else {}),
        "seed": plan.semantic.seed,
        "networks": networks,
        "tuning_slice": {"images": len(tuning), **measure(load_model(folder), tuning)},
        "machine": machine(),
        "device": device_model(device),
        "torch": torch.__version__,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    with atomic_write(folder / "training.json") as partial:
        partial.write_text(json.dumps(record, indent=1) + "\n")


def _is_whole(name: str, starts: dict[str, Start], weights: dict[str, dict]) -> bool:
    """Whether a network began with all of its weights, so that a share of them can be kept."""
    start = starts.get(name)
    whole = start is not None and weights[name].keys() <= start.weights.keys()
    if start is not None and not whole:
        click.echo(f"{name}: began with a part of its weights, so no share of them is kept")
    return whole


def _configuration(
    plan: TrainingPlan,
    trainers: dict[str, Trainer],
    classes: tuple[str, ...],
    super_classes: tuple[tuple[str, ...], ...],
) -> ModelConfig:
    networks = {
        name: replace(
            getattr(plan, name).network, output_stride=trainer.network.config.output_stride
        )
        for name, trainer in trainers.items()
    }
    start = MergeConfig(PAPER_THRESHOLDS, 50)
    return ModelConfig(
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


def _beginning(trainer: Trainer, start: Start | None) -> dict:
    """The file whose weights a network began with, and how many of them it took."""
    if start is None:
        return {}
    loaded = len(compare(trainer.network.config, start).loaded)
    return {"start": {"file": start.path.name, "sha256": start.digest, "loaded": loaded}}


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
