"""Train the networks of a recipe on a data set, and write the model folder."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import click

from bench.datasets import Dataset, open_dataset
from bench.paths import default_data_folder
from bench.training.estimate_training import estimate_training
from bench.training.prepared_training import PreparedTraining
from bench.training.recipe import Recipe, read_recipe, recipe_path
from bench.training.shrink_recipe import STEPS_PER_PHASE, centre_crop, shrink_recipe
from bench.training.starting_weight_files import (
    print_starting_weights,
    read_weights_by_network,
    starting_weight_files,
)
from bench.training.step_images import StepImages
from bench.training.train_in_steps import train_in_steps
from bench.training.train_step import checkpoint_path
from bench.training.training_images import (
    TrainingSplit,
    split_training_images,
)
from bench.training.trial import begin_trial, digest_of_trial, finish_trial, use_one_thread
from bench.training.whole_images import WholeImages
from bench.training.write_model import write_model
from merge_impls.file_writing import check_writable
from merge_impls.folder_lock import locked_folders
from models.devices import device_named
from models.model_folder import NETWORKS
from models.training.crop_batches import AnnotatedImage
from models.training.starting_weights import StartingWeights
from models.training.stop_signals import TrainingStopped
from models.training.train_one_network import DEFAULT_RESOURCES
from models.training.training_loop import LossNotFiniteError, Trainer
from models.training.training_processes import (
    TrainingProcesses,
    device_of_process,
    is_first_process,
    joined_processes,
)
from models.training.training_settings import TrainingResources


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
    estimate: bool = False,
    resources: TrainingResources = DEFAULT_RESOURCES,
) -> None:
    """Train the networks of a recipe, and write the model to ``folder``.

    Of several processes that ``torchrun`` started, the first one alone writes files.

    name: the name of the recipe, or the path of its file; see ``recipe_path``.
    only: train only this network, and write no model. steps: the largest number of steps in a phase.
    work: the folder of checkpoints, from which an interrupted training continues.
    dataset, start: replace the data set and the starting weights (a file or a model) of the recipe.
    smoke: try the recipe on little data, without checkpoints of another trial.
    estimate: only measure some steps, and print what the training will take.
    resources: the device and the workers; the processes are those of ``torchrun``.
    """
    resources = replace(resources, device=device_of_process(resources.device))
    device_named(resources.device)  # before any data are read
    with _writable_and_locked([work] if only or estimate else [work, folder]):
        recipe = _read_recipe(name, steps, smoke, dataset)
        job = _open_job(recipe, root, work, NETWORKS if only is None else (only,))
        if estimate:
            _print_estimate(job, start, resources)
        else:
            _train_and_write(job, start, None if only else folder, resources)


@dataclass(frozen=True)
class _Job:
    """A training: the recipe, the networks to train, the data set, and the names of its images."""

    recipe: Recipe
    networks: Sequence[str]
    data: Dataset
    split: TrainingSplit
    work: Path


def _open_job(recipe: Recipe, root: Path | None, work: Path, networks: Sequence[str]) -> _Job:
    data = open_dataset(recipe.dataset, root or default_data_folder(recipe.dataset))
    return _Job(recipe, networks, data, split_training_images(data, recipe), work)


@contextmanager
def _prepared_training(
    job: _Job, start: str | None, resources: TrainingResources, only_estimate: bool = False
) -> Iterator[PreparedTraining]:
    """Join the other processes, and read the starting weights. Yields the training.

    only_estimate: whether the training is estimated, so that old checkpoints and the index of files stay.
    """
    recipe, work = job.recipe, job.work
    with joined_processes(
        device_named(resources.device), TrainingStopped, LossNotFiniteError
    ) as processes:
        _check_micro_batches(recipe, job.networks, processes)
        names = job.split.training
        images = StepImages(job.data, names, recipe, work, processes, not only_estimate)
        starts = _read_starting_weights(recipe, start, job.networks)
        if recipe.smoke:
            use_one_thread()
        if recipe.smoke and not only_estimate:
            digest = digest_of_trial(recipe, job.networks, images, starts)
            if processes.is_first:
                begin_trial(recipe, work, digest)
        _print_starting_weights(recipe, starts, work)
        joined = replace(resources, processes=processes)
        yield PreparedTraining(job.networks, images, recipe, work, starts, joined)


def _print_estimate(job: _Job, start: str | None, resources: TrainingResources) -> None:
    with _prepared_training(job, start, resources, only_estimate=True) as training:
        click.echo("\n".join(estimate_training(training)))


def _train_and_write(
    job: _Job, start: str | None, folder: Path | None, resources: TrainingResources
) -> None:
    """Train the networks, and write the model if it has a folder."""
    with _prepared_training(job, start, resources) as training:
        trainers = _train_networks(training)
    if not training.resources.processes.is_first:
        return
    recipe = job.recipe
    if folder is not None:
        tuning = _tuning_images(job.data, job.split.tuning, recipe.smoke)
        classes = (job.data.class_names, job.data.super_classes)
        write_model(folder, recipe, trainers, tuning, *classes, training.starts, resources.device)
    if recipe.smoke:
        finish_trial(job.work, folder)


@contextmanager
def _writable_and_locked(folders: Sequence[Path]) -> Iterator[None]:
    """Hold the locks of the folders that the training writes; only its first process writes.

    Raises OSError for a folder that cannot be written, and ``FolderInUse``.
    """
    if not is_first_process():
        yield
        return
    for folder in folders:
        check_writable(folder, folder=True)
    with locked_folders(folders, click.echo):
        yield


def _check_micro_batches(
    recipe: Recipe, networks: Sequence[str], processes: TrainingProcesses
) -> None:
    """Raise ValueError if the processes cannot divide the micro-batches of a network."""
    for network in networks:
        for step in recipe.steps_of_network(network):
            processes.own_parts(step.settings.micro_batches)


def _read_recipe(name: str, steps: int | None, smoke: bool, dataset: str | None) -> Recipe:
    steps = steps or (STEPS_PER_PHASE if smoke else None)
    recipe = read_recipe(recipe_path(name), steps)
    recipe = replace(recipe, dataset=dataset or recipe.dataset)
    return shrink_recipe(recipe) if smoke else recipe


def _read_starting_weights(
    recipe: Recipe, start: str | None, networks: Sequence[str]
) -> dict[str, StartingWeights]:
    """Read the starting weights of the networks.

    start: a file or a model that replaces the files in the recipe.
    """
    files = recipe.starting_weight_files if start is None else starting_weight_files(start)
    return read_weights_by_network(files, networks)


def _print_starting_weights(recipe: Recipe, starts: dict[str, StartingWeights], work: Path) -> None:
    """Print which starting weights fit."""
    for network, weights in starts.items():
        first = recipe.steps_of_network(network)[0]
        checkpoint = checkpoint_path(work, network, first.name)
        print_starting_weights(network, first.settings.network, weights, checkpoint)


def _train_networks(training: PreparedTraining) -> dict[str, list[Trainer]]:
    """Train each network in the steps of its recipe. Returns their trainers by the name of the network."""
    images, recipe, work = training.images.of_step, training.recipe, training.work
    return {
        network: train_in_steps(
            network, images, recipe, work, training.starts.get(network), training.resources
        )
        for network in training.networks
    }


def _tuning_images(data: Dataset, names: list[str], smoke: bool) -> Sequence[AnnotatedImage]:
    """The images of the tuning slice, which are read when they are measured; of a trial, their centres."""
    images = WholeImages(data, names, digest="", stretch=False)  # inference stretches them
    return [centre_crop(image) for image in images] if smoke else images
