"""Trains the networks of a recipe on a data set, and writes the model folder with its record."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import NoReturn

import click
import numpy as np
from tqdm import tqdm

from bench.datasets import Dataset, open_dataset
from bench.paths import default_data_folder
from bench.report.figures.losses import write_losses
from bench.training.initial_weights import (
    load_starting_weights,
    print_starting_weights,
    starting_weight_files,
)
from bench.training.recipe import RECIPES_FOLDER, Recipe, read_recipe
from bench.training.shrink_recipe import (
    MAX_BATCH,
    MAX_CROP,
    STEPS_PER_PHASE,
    centre_crop,
    shrink_recipe,
)
from bench.training.training_images import load_images, split_images
from bench.training.write_model import write_model
from models.devices import device_named
from models.model_folder import NETWORKS
from models.training.crop_batches import AnnotatedImage
from models.training.starting_weights import StartingWeights
from models.training.train_one_network import train_affinity, train_semantic
from models.training.training_loop import Progress, Trainer


def train(
    name: str,
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
    """Train the networks of a recipe and write the model folder; with ``only`` one network and no folder.

    work: the folder of the checkpoints; an interrupted training resumes from them.
    steps: shorten every phase to this many. smoke: try the recipe on little data, from the beginning.
    dataset, start (weights or a model folder): replace the recipe's. device, workers: see ``train_semantic``.
    """
    device_named(device)  # refuses an unknown device before it reads any data
    recipe = _read_recipe(name, steps, smoke, dataset)
    data = open_dataset(recipe.dataset, root or default_data_folder(recipe.dataset))
    split = split_images(data, recipe)
    if smoke:
        click.echo(f"Trial of {name}: {MAX_BATCH} crops of {MAX_CROP} pixels per step")
        delete_checkpoints(work)
    networks = NETWORKS if only is None else (only,)
    starts = _load_and_print_starting_weights(recipe, start, networks, work)
    trainers = _train_networks(networks, data, split.learnt, recipe, work, starts, device, workers)
    if only is None:
        images = _tuning_images(data, split.tuning, smoke)
        classes = (data.class_names, data.super_classes)
        write_model(folder, recipe, trainers, images, *classes, starts, device)
    if smoke:
        _end_trial(work, None if only else folder)


def _end_trial(work: Path, folder: Path | None) -> None:
    """Delete the checkpoints of a trial, and print where its model is, if it has one."""
    delete_checkpoints(work)
    click.echo(f"The trial is over{f'; its untrained model: {folder}' if folder else ''}")


def _read_recipe(name: str, steps: int | None, smoke: bool, dataset: str | None) -> Recipe:
    steps = steps or (STEPS_PER_PHASE if smoke else None)
    recipe = read_recipe(RECIPES_FOLDER / f"{name}.toml", steps)
    recipe = replace(recipe, dataset=dataset or recipe.dataset)
    return shrink_recipe(recipe) if smoke else recipe


def _load_and_print_starting_weights(
    recipe: Recipe, start: Path | None, networks: Sequence[str], work: Path
) -> dict[str, StartingWeights]:
    """Read the weights that networks begin with, and print which of them fit."""
    files = recipe.starting_weight_files if start is None else starting_weight_files(start)
    starts = load_starting_weights(files, networks)
    for network, weights in starts.items():
        config = recipe.training_settings(network).network
        print_starting_weights(network, config, weights, checkpoint_path(work, network))
    return starts


def _train_networks(
    networks: Sequence[str],
    data: Dataset,
    learnt: list[str],
    recipe: Recipe,
    work: Path,
    starts: Mapping[str, StartingWeights],
    device: str,
    workers: int,
) -> dict[str, Trainer]:
    sources = load_images(data, learnt, "reading", recipe.stretch)
    return {
        network: train_network(network, sources, recipe, work, starts.get(network), device, workers)
        for network in networks
    }


def _tuning_images(data: Dataset, names: list[str], smoke: bool) -> list[AnnotatedImage]:
    images = load_images(data, names, "reading the tuning slice")
    return [centre_crop(image) for image in images] if smoke else images


def checkpoint_path(work: Path, network: str) -> Path:
    """The path of a network's checkpoint in the folder ``work``."""
    return work / f"{network}.checkpoint"


def delete_checkpoints(work: Path) -> None:
    """Delete the checkpoints of both networks, so that a trial starts anew and leaves no large files."""
    for network in NETWORKS:
        checkpoint_path(work, network).unlink(missing_ok=True)


def train_network(
    network: str,
    sources: list[AnnotatedImage],
    recipe: Recipe,
    work: Path,
    start: StartingWeights | None = None,
    device: str = "cpu",
    workers: int = 0,
) -> Trainer:
    """Train "semantic" or "affinity", and write its checkpoint and its losses to ``work``."""
    own = recipe.training_settings(network)
    checkpoint = checkpoint_path(work, network)
    with tqdm(total=own.schedule.steps, desc=network, unit="step") as bar:
        on_step = partial(_show_progress, bar)
        settings = (recipe.normalisation, checkpoint, on_step, start, device, workers)
        if network == "semantic":
            trainer = train_semantic(sources, own, *settings)
        else:
            trainer = train_affinity(sources, own, recipe.distances, *settings)
        on_step(
            trainer.progress
        )  # a finished training takes no step, so that it reports no progress
    write_losses(trainer.progress.losses, work, network)
    return trainer


def _show_progress(bar: "tqdm[NoReturn]", progress: Progress) -> None:
    bar.n = progress.step
    bar.set_postfix(loss=f"{np.mean(progress.losses[-100:]):.4f}", refresh=False)
    bar.update(0)
