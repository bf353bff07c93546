"""Train one network in one step of a recipe, with a progress bar, a checkpoint and a figure of the losses."""

import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import NoReturn

import numpy as np
from tqdm import tqdm

from bench.report.figures.losses import write_losses
from bench.training.recipe import Recipe, TrainingStep
from bench.training.step_timer import StepTimer
from models.model_folder import NETWORKS
from models.training.crop_batches import AnnotatedImage
from models.training.starting_weights import StartingWeights
from models.training.train_one_network import DEFAULT_RESOURCES, train_affinity, train_semantic
from models.training.training_loop import Progress, Trainer
from models.training.training_settings import TrainingResources, TrainingSettings


def checkpoint_path(work: Path, network: str, step: str = "") -> Path:
    """The checkpoint of a network in the folder ``work``. step: the name of its ``TrainingStep``."""
    return work / f"{_name_with_step(network, step)}.checkpoint"


def _name_with_step(network: str, step: str) -> str:
    return f"{network}-{step}" if step else network


def delete_checkpoints(work: Path) -> None:
    """Delete the checkpoints of all steps of both networks in the folder ``work``."""
    for network in NETWORKS:
        for path in work.glob(f"{network}*.checkpoint"):
            path.unlink()


def train_step(
    network: str,
    step: TrainingStep,
    sources: Sequence[AnnotatedImage],
    recipe: Recipe,
    work: Path,
    start: StartingWeights | None = None,
    resources: TrainingResources = DEFAULT_RESOURCES,
) -> Trainer:
    """Train the network "semantic" or "affinity", and write its checkpoint and its losses to ``work``.

    sources: the images of the step. The other arguments are those of ``train_semantic``.
    """
    own, name = step.settings, _name_with_step(network, step.name)
    checkpoint = checkpoint_path(work, network, step.name)
    shown = resources.processes.is_first
    with tqdm(total=own.schedule.steps, desc=name, unit="step", disable=not shown) as bar:
        on_step = partial(_show_progress, bar, StepTimer(own.schedule.steps))
        trainer = train_network(
            network, own, sources, recipe, checkpoint, on_step, start, resources
        )
        # If the checkpoint was that of a finished training, no step has reported its progress.
        _show_bar(bar, trainer.progress)
    if shown:
        write_losses(trainer.progress.losses, work, name)
    return trainer


def train_network(
    network: str,
    settings: TrainingSettings,
    sources: Sequence[AnnotatedImage],
    recipe: Recipe,
    checkpoint: Path,
    on_step: Callable[[Progress], None],
    start: StartingWeights | None,
    resources: TrainingResources,
) -> Trainer:
    """Train the network "semantic" or "affinity". The other arguments are those of ``train_semantic``."""
    others = (recipe.normalisation, checkpoint, on_step, start, resources)
    if network == "semantic":
        return train_semantic(sources, settings, *others)
    return train_affinity(sources, settings, recipe.distances, *others)


def _show_progress(bar: "tqdm[NoReturn]", timer: StepTimer, progress: Progress) -> None:
    if bar.disable:
        return
    _show_bar(bar, progress)
    estimate = timer.estimate_after_step(progress.finished_steps)
    if estimate:
        bar.write(f"{bar.desc}: {estimate}", file=sys.stderr)


def _show_bar(bar: "tqdm[NoReturn]", progress: Progress) -> None:
    bar.n = progress.finished_steps
    if progress.losses:
        bar.set_postfix(loss=f"{np.mean(progress.losses[-100:]):.4f}", refresh=False)
    bar.update(0)
