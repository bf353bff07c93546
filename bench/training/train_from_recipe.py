"""Train the networks of a recipe on a data set, and write the model folder."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import click

from bench.datasets import Dataset, open_dataset
from bench.paths import default_data_folder
from bench.training.recipe import Recipe, read_recipe, recipe_path
from bench.training.shrink_recipe import (
    MAX_BATCH,
    MAX_CROP,
    STEPS_PER_PHASE,
    centre_crop,
    shrink_recipe,
)
from bench.training.starting_weight_files import (
    print_starting_weights,
    read_weights_by_network,
    starting_weight_files,
)
from bench.training.step_images import StepImages
from bench.training.train_in_steps import train_in_steps
from bench.training.train_step import checkpoint_path, delete_checkpoints
from bench.training.training_images import load_annotated_images, split_training_images
from bench.training.write_model import write_model
from merge_impls.file_writing import check_writable
from merge_impls.folder_lock import locked_folders
from models.devices import device_named
from models.model_folder import NETWORKS
from models.training.crop_batches import AnnotatedImage
from models.training.starting_weights import StartingWeights
from models.training.training_loop import Trainer


def train_recipe(
    name: str,
    root: Path | None,
    folder: Path,
    work: Path,
    only: str | None,
    steps: int | None,
    *,
    dataset: str | None = None,
    start: str | None = None,
    smoke: bool = False,
    device: str = "cpu",
    workers: int = 0,
) -> None:
    """Train the networks of a recipe, and write the model to ``folder``.

    name: the name of the recipe, or the path of its file; see ``recipe_path``.
    only: train only this network, and write no model. steps: the largest number of steps in a phase.
    work: the folder of checkpoints, from which an interrupted training continues.
    dataset, start: replace the data set and the starting weights (a file or a model) of the recipe.
    smoke: try the recipe on little data, without old checkpoints. device, workers: see ``train_semantic``.
    """
    _check_device_and_folders(device, folder, work)  # before any data are read
    with locked_folders([work] if only else [work, folder], click.echo):
        recipe = _read_recipe(name, steps, smoke, dataset)
        data = open_dataset(recipe.dataset, root or default_data_folder(recipe.dataset))
        split = split_training_images(data, recipe)
        if smoke:
            _begin_trial(name, work)
        networks = NETWORKS if only is None else (only,)
        starts = _load_and_print_starting_weights(recipe, start, networks, work)
        images = StepImages(data, split.training, recipe, work)
        trainers = _train_networks(networks, images, recipe, work, starts, device, workers)
        if only is None:
            tuning = _load_tuning_images(data, split.tuning, smoke)
            classes = (data.class_names, data.super_classes)
            write_model(folder, recipe, trainers, tuning, *classes, starts, device)
        if smoke:
            _finish_trial(work, None if only else folder)


def _check_device_and_folders(device: str, *folders: Path) -> None:
    """Raise ValueError for an unknown device, and OSError for a folder that cannot be written."""
    device_named(device)
    for folder in folders:
        check_writable(folder, folder=True)


def _begin_trial(name: str, work: Path) -> None:
    click.echo(f"Trial of {name}: {MAX_BATCH} crops of {MAX_CROP} pixels per step")
    delete_checkpoints(work)


def _finish_trial(work: Path, folder: Path | None) -> None:
    """Delete the checkpoints of a trial, and print in which folder its model is, if it wrote one."""
    delete_checkpoints(work)
    click.echo(f"The trial is over{f'; its untrained model is in {folder}' if folder else ''}")


def _read_recipe(name: str, steps: int | None, smoke: bool, dataset: str | None) -> Recipe:
    steps = steps or (STEPS_PER_PHASE if smoke else None)
    recipe = read_recipe(recipe_path(name), steps)
    recipe = replace(recipe, dataset=dataset or recipe.dataset)
    return shrink_recipe(recipe) if smoke else recipe


def _load_and_print_starting_weights(
    recipe: Recipe, start: str | None, networks: Sequence[str], work: Path
) -> dict[str, StartingWeights]:
    """Read the starting weights of the networks, and print which of them fit.

    start: a file or a model that replaces the files in the recipe.
    """
    files = recipe.starting_weight_files if start is None else starting_weight_files(start)
    starts = read_weights_by_network(files, networks)
    for network, weights in starts.items():
        first = recipe.steps_of_network(network)[0]
        checkpoint = checkpoint_path(work, network, first.name)
        print_starting_weights(network, first.settings.network, weights, checkpoint)
    return starts


def _train_networks(
    networks: Sequence[str],
    images: StepImages,
    recipe: Recipe,
    work: Path,
    starts: Mapping[str, StartingWeights],
    device: str,
    workers: int,
) -> dict[str, list[Trainer]]:
    return {
        network: train_in_steps(
            network, images.of_step, recipe, work, starts.get(network), device, workers
        )
        for network in networks
    }


def _load_tuning_images(data: Dataset, names: list[str], smoke: bool) -> list[AnnotatedImage]:
    images = load_annotated_images(data, names, "reading the tuning slice")
    return [centre_crop(image) for image in images] if smoke else images
