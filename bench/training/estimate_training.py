"""Estimate the hours, the memory and the disk space of a training, from some steps of each kind.

A bar shows the steps of each measurement. A slow machine measures fewer steps.
"""

import resource
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NoReturn

import torch
from tqdm import tqdm

from bench.training.prepared_training import PreparedTraining
from bench.training.recipe import Recipe, TrainingStep
from bench.training.step_timer import STEPS_BEFORE_ESTIMATE, StepTimer, format_duration
from bench.training.train_step import train_network
from models.devices import device_named
from models.training.schedule_and_optimizer import Phase
from models.training.stop_signals import TrainingStopped
from models.training.training_loop import Progress, Trainer, TrainingEnough
from models.training.training_settings import TrainingResources, TrainingSettings

LONGEST_MEASUREMENT_SECONDS = 60
"""After this time, a measurement ends if it has timed the least number of steps."""

KILOBYTE = 1024
"""The unit of ``ru_maxrss`` on Linux, in bytes."""


@dataclass(frozen=True)
class MeasuredSteps:
    """Some measured steps of a network at one output stride, and how many such steps its training has.

    timed: the number of measured steps. seconds: of one step.
    checkpoint, weights: the bytes of the checkpoint and of the weights.
    """

    network: str
    output_stride: int | tuple[int, ...]
    steps: int
    batch: int
    timed: int
    seconds: float
    checkpoint: int
    weights: int

    def line(self) -> str:
        """The line of the estimate."""
        return (
            f"{self.network}, output stride {self.output_stride}: {self.seconds:.3g} s a step (mean of "
            f"{self.timed}), {self.batch / self.seconds:.3g} crops a second; {self.steps:,} steps take "
            f"{format_duration(self.seconds * self.steps)}"
        )


def estimate_training(training: PreparedTraining) -> list[str]:
    """Measure ``STEPS_BEFORE_ESTIMATE`` steps of each network at each output stride of its recipe.

    The measured networks are thrown away; the checkpoints of the training stay as they are. Returns the
    lines of the estimate. Raises ``TrainingStopped`` after SIGINT or SIGTERM.
    """
    resources = training.resources
    try:
        measured = _measure_all_steps(training)
    except TrainingStopped as stopped:
        raise TrainingStopped(
            "the estimate was stopped; it kept nothing, so the command begins again", stopped.signal
        ) from None
    seconds = sum(each.seconds * each.steps for each in measured)
    processes = resources.processes.size
    return [
        *(each.line() for each in measured),
        f"together: {format_duration(seconds)} with {processes} process{'es' * (processes > 1)} on "
        f"{resources.device}",
        _memory_line(resources),
        _disk_line(training.recipe, measured, training.work),
    ]


def _measure_all_steps(training: PreparedTraining) -> list[MeasuredSteps]:
    """Measure each network at each output stride, with a bar for each of these measurements."""
    kinds = [
        (network, stride)
        for network in training.networks
        for stride in _steps_by_stride(training.recipe, network)
    ]
    measured = []
    for number, (network, stride) in enumerate(kinds, 1):
        title = f"measurement {number} of {len(kinds)}: {network}, output stride {stride}"
        with tqdm(
            total=STEPS_BEFORE_ESTIMATE,
            desc=title,
            unit="step",
            disable=not training.resources.processes.is_first,
        ) as bar:
            measured.append(_measure_steps(training, network, stride, bar))
    return measured


def _steps_by_stride(recipe: Recipe, network: str) -> dict[int | tuple[int, ...], int]:
    """The number of steps at each output stride, in all trainings of a network together."""
    phases = [
        phase
        for step in recipe.steps_of_network(network)
        for phase in step.settings.schedule.phases
    ]
    strides = dict.fromkeys(phase.output_stride for phase in phases)
    return {
        stride: sum(phase.steps for phase in phases if phase.output_stride == stride)
        for stride in strides
    }


def _measure_steps(
    training: PreparedTraining,
    network: str,
    stride: int | tuple[int, ...],
    bar: "tqdm[NoReturn]",
) -> MeasuredSteps:
    """Train for some steps at an output stride, in a temporary folder below the folder of the training."""
    recipe, resources = training.recipe, training.resources
    step = _first_step_with_stride(recipe, network, stride)
    settings = _settings_of_measurement(step.settings, stride)
    timer = StepTimer(STEPS_BEFORE_ESTIMATE)

    def on_step(progress: Progress) -> None:
        timer.estimate_after_step(progress.finished_steps)
        bar.update()
        is_enough = timer.is_enough(LONGEST_MEASUREMENT_SECONDS)
        if progress.finished_steps == STEPS_BEFORE_ESTIMATE or resources.processes.share(is_enough):
            raise TrainingEnough

    is_first, start = resources.processes.is_first, training.starts.get(network)
    work = training.work
    with _temporary_folder(work) if is_first else nullcontext(work / "no file") as folder:
        checkpoint = folder / "checkpoint"
        sources = training.images.of_step(step)
        trainer = train_network(
            network, settings, sources, recipe, checkpoint, on_step, start, resources
        )
        size = checkpoint.stat().st_size if is_first else 0
    steps = _steps_by_stride(recipe, network)[stride]
    timed = (timer.timed_steps, timer.seconds_of_step)
    return MeasuredSteps(
        network, stride, steps, settings.batch, *timed, size, _weight_bytes(trainer)
    )


def _settings_of_measurement(
    settings: TrainingSettings, stride: int | tuple[int, ...]
) -> TrainingSettings:
    """The settings with one phase, which writes a checkpoint only where the measurement ends it."""
    steps = STEPS_BEFORE_ESTIMATE + 1
    schedule = replace(settings.schedule, phases=(Phase(steps, stride),), checkpoint_every=steps)
    return replace(settings, schedule=schedule)


@contextmanager
def _temporary_folder(work: Path) -> Iterator[Path]:
    """A folder below ``work`` that is removed at the end."""
    work.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=work, prefix="estimate-") as folder:
        yield Path(folder)


def _first_step_with_stride(
    recipe: Recipe, network: str, stride: int | tuple[int, ...]
) -> TrainingStep:
    return next(
        step
        for step in recipe.steps_of_network(network)
        if stride in [phase.output_stride for phase in step.settings.schedule.phases]
    )


def _weight_bytes(trainer: Trainer) -> int:
    return sum(weight.nbytes for weight in trainer.network.state_dict().values())


def _memory_line(resources: TrainingResources) -> str:
    """The largest memory so far. Images that are kept in memory are in it."""
    own, worker = (
        KILOBYTE * resource.getrusage(who).ru_maxrss
        for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    parts = [f"{_gigabytes(own)} of each process"]
    if resources.workers:
        parts.append(f"up to {_gigabytes(worker)} of each of its {resources.workers} workers")
    device = device_named(resources.device)
    if device.type == "cuda":
        parts.append(f"{_gigabytes(torch.cuda.max_memory_allocated(device))} of its GPU")
    return f"memory: {', '.join(parts)}"


def _disk_line(recipe: Recipe, measured: Sequence[MeasuredSteps], work: Path) -> str:
    """The disk space of checkpoints and model. While a checkpoint is written, the old one stays."""
    one_of_network = {each.network: each for each in measured}
    checkpoints = [
        each.checkpoint
        for network, each in one_of_network.items()
        for _ in recipe.steps_of_network(network)
    ]
    weights = sum(each.weights for each in one_of_network.values())
    needed = sum(checkpoints) + max(checkpoints) + weights
    return (
        f"disk: {_gigabytes(needed)} for checkpoints and model; {work} has "
        f"{_gigabytes(shutil.disk_usage(work).free)} free"
    )


def _gigabytes(size: float) -> str:
    return f"{size / 1e9:.3g} GB"
