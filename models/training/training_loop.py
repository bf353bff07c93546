"""The training loop of one network, with checkpoints from which a stopped training continues."""

import io
import math
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import safetensors.numpy
import torch
from torch import Tensor, nn

from models.deeplabv3 import DeepLabV3, use_channels_last
from models.kept_files import DamagedFileError, read_kept_file, write_kept_file
from models.training.running_statistics import RunningStatistics
from models.training.schedule_and_optimizer import Schedule
from models.training.stop_signals import TrainingStopped, record_stop_signals
from models.training.training_processes import ONE_PROCESS, TrainingProcesses, without_exchange

MAX_GRADIENT_NORM = 5.0
"""The largest norm of the gradient. A larger gradient is scaled down to this norm."""

MicroBatchLoss = Callable[[nn.Module, int], Tensor]
"""A function of the network and the number of a micro-batch that returns its loss, a scalar.

The number is ``step * micro_batches + part``; with one micro-batch, it is that of the step.
"""


STEPS_READ_AT_ONCE = 3
"""The first steps on a GPU after which the loss is read at once, as they show that the training works."""

STEPS_BETWEEN_READINGS = 10
"""The number of later steps on a GPU after which the losses are read. Each reading waits for the GPU."""


class CheckpointError(ValueError):
    """A training cannot continue from a checkpoint. The message says why, and what to do."""


class LossNotFiniteError(ValueError):
    """A loss or a gradient is not finite. The message says in which step, and what to do."""


class TrainingEnough(Exception):
    """``on_step`` raises it, in all processes after the same step, to end a training before its last step."""


@dataclass
class Progress:
    """How far a training is.

    losses: the losses of the steps so far, except the last ``unread`` ones, which are still on the GPU.
    seconds: the time that the steps took.
    """

    losses: list[float] = field(default_factory=list)
    seconds: float = 0.0
    unread: int = 0

    @property
    def finished_steps(self) -> int:
        """The number of finished steps."""
        return len(self.losses) + self.unread


def write_checkpoint(path: Path, state: dict[str, Any]) -> None:
    """Write a checkpoint. If the process is killed while it writes, the old file stays intact.

    state: what ``torch.save`` can write. Its entry ``recipe`` is the fingerprint of the training.
    """
    saved = io.BytesIO()
    torch.save(state, saved)
    content = safetensors.numpy.save({"state": np.frombuffer(saved.getbuffer(), np.uint8)})
    write_kept_file(path, content, {"recipe": state["recipe"]})


def read_checkpoint(path: Path, fingerprint: str) -> dict[str, Any]:
    """Read a checkpoint that ``write_checkpoint`` wrote.

    fingerprint: the fingerprint that the checkpoint must have; see ``Trainer``.
    Raises ``CheckpointError`` if the file is damaged or has another fingerprint.
    """
    try:
        kept = read_kept_file(path, load_checkpoint_state)
    except DamagedFileError as error:
        raise CheckpointError(f"{error}; delete it to start the training again") from None
    if kept.key != {"recipe": fingerprint}:
        raise CheckpointError(
            f"{path} was written with other settings or images; delete it or train in another folder"
        )
    return kept.arrays


def load_checkpoint_state(content: bytes) -> dict[str, Any]:
    """The state of a training in the bytes of a checkpoint."""
    saved = safetensors.numpy.load(content)["state"]
    state: dict[str, Any] = torch.load(
        io.BytesIO(saved.tobytes()), map_location="cpu", weights_only=True
    )
    return state


class Trainer:
    """The training of one network: the network, its optimiser, its checkpoint and its progress.

    checkpoint: the file to write checkpoints to. If it exists, the training continues from it. Only the
        process with rank 0 reads and writes it.
    fingerprint: a text with all settings and a digest of the images, which is stored in the checkpoint (under
        the key ``recipe``). A checkpoint with another fingerprint is an error.
    micro_batches: the number of micro-batches of a step. processes: the processes that divide them.
    """

    def __init__(
        self,
        network: DeepLabV3,
        schedule: Schedule,
        checkpoint: Path,
        fingerprint: str = "",
        micro_batches: int = 1,
        processes: TrainingProcesses = ONE_PROCESS,
    ) -> None:
        self.network = use_channels_last(network)
        self.schedule, self.checkpoint, self.fingerprint = schedule, checkpoint, fingerprint
        self.micro_batches, self.processes = micro_batches, processes
        self.optimizer = schedule.make_optimizer(network)
        self.reads_at_once = not next(network.parameters()).is_cuda
        self.progress, self._unread = Progress(), list[Tensor]()
        state = None
        if processes.is_first and checkpoint.exists():
            state = read_checkpoint(checkpoint, fingerprint)
        state = processes.share(state)
        if state is not None:
            self._load_state(state)
        self._first_step = self.progress.finished_steps

    def _load_state(self, state: dict[str, Any]) -> None:
        """Continue from the state in a checkpoint."""
        self.network.load_state_dict(state["network"])
        for own, group in zip(
            self.optimizer.param_groups, state["optimizer"]["param_groups"], strict=True
        ):
            group["fused"] = own["fused"]  # the training may continue on another device
        self.optimizer.load_state_dict(state["optimizer"])
        self.progress = Progress(state["losses"], state["seconds"])
        self._check_finite_losses()

    def _check_finite_losses(self) -> None:
        """Raise ``CheckpointError`` if a loss in the checkpoint is not finite: then its weights are not
        finite either."""
        for step, loss in enumerate(self.progress.losses):
            if not math.isfinite(loss):
                raise CheckpointError(
                    f"{self.checkpoint}: the loss of step {step} is {loss}; delete it and train again with a "
                    "lower learning_rate"
                )

    def save_checkpoint(self) -> None:
        """Write the checkpoint, if this is the first process."""
        if not self.processes.is_first:
            return
        state = {
            "network": self.network.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "losses": self.progress.losses,
            "seconds": self.progress.seconds,
            "recipe": self.fingerprint,
        }
        write_checkpoint(self.checkpoint, state)

    def run(
        self,
        compute_loss: MicroBatchLoss,
        on_step: Callable[[Progress], None] = lambda progress: None,
    ) -> Progress:
        """Train to the end of the schedule; write a checkpoint every ``schedule.checkpoint_every`` steps.

        on_step: a function that is called with the progress after each step. If it raises ``TrainingEnough``,
            the training ends, with a checkpoint.
        Raises ``TrainingStopped`` after the step in which SIGINT or SIGTERM comes, with a new checkpoint, and
        ``LossNotFiniteError`` in the first step whose loss or gradient is not finite, without one.
        """
        schedule, progress = self.schedule, self.progress
        replica = self.processes.replicate(self.network)
        with record_stop_signals() as stop:
            while progress.finished_steps < schedule.steps:
                start = perf_counter()
                self._take_step(replica, compute_loss)
                is_saved = self._is_checkpoint_due()
                signal = self.processes.agree_on_signal(stop.signal)
                if is_saved or signal is not None or self._is_reading_due():
                    self._read_losses()
                progress.seconds += perf_counter() - start
                if is_saved:
                    self.save_checkpoint()
                if not self._goes_on_after_step(on_step):
                    break
                if signal is not None:
                    if not is_saved:
                        self.save_checkpoint()
                    raise TrainingStopped(self._stop_message(), signal)
        self.network.set_output_stride(schedule.output_stride_at(schedule.steps))
        return progress

    def _goes_on_after_step(self, on_step: Callable[[Progress], None]) -> bool:
        """Call ``on_step``. Returns whether the training goes on; if not, a checkpoint is written."""
        try:
            on_step(self.progress)
        except TrainingEnough:
            self._read_losses()
            self.save_checkpoint()
            return False
        return True

    def _is_checkpoint_due(self) -> bool:
        finished, schedule = self.progress.finished_steps, self.schedule
        return finished % schedule.checkpoint_every == 0 or finished == schedule.steps

    def _stop_message(self) -> str:
        return (
            f"stopped after step {self.progress.finished_steps} of {self.schedule.steps}; run the command "
            f"again to continue from {self.checkpoint}"
        )

    def _is_reading_due(self) -> bool:
        """Whether the losses are read after this step. On the CPU, they are read before the update."""
        finished = self.progress.finished_steps - self._first_step
        return finished <= STEPS_READ_AT_ONCE or finished % STEPS_BETWEEN_READINGS == 0

    def _take_step(self, replica: nn.Module, compute_loss: MicroBatchLoss) -> None:
        """Update the weights once, and note the loss before the update.

        A GPU computes on while the program prepares the next steps, so the loss is not read here, but after
        some steps. On the CPU, it is read before the update.
        """
        step = self.progress.finished_steps
        self.network.set_output_stride(self.schedule.output_stride_at(step))
        for group in self.optimizer.param_groups:
            group["lr"] = self.schedule.learning_rate_at(step)
        self.optimizer.zero_grad()
        loss = self._compute_gradients(replica.train(), compute_loss, step)
        norm = nn.utils.clip_grad_norm_(self.network.parameters(), MAX_GRADIENT_NORM)
        self._unread.append(torch.stack([loss, norm]))
        self.progress.unread += 1
        if self.reads_at_once:
            self._read_losses()
        self.optimizer.step()

    def _read_losses(self) -> None:
        """Read the losses of the last steps. Raises ``LossNotFiniteError`` if one is not finite."""
        if not self._unread:
            return
        values = self.processes.average(torch.stack(self._unread)).tolist()
        self._unread, self.progress.unread = [], 0
        for loss, norm in values:
            step = self.progress.finished_steps
            self._check_finite(step, {"loss": loss, "norm of the gradient": norm})
            self.progress.losses.append(loss)

    def _compute_gradients(
        self, replica: nn.Module, compute_loss: MicroBatchLoss, step: int
    ) -> Tensor:
        """Compute the gradient of a step. Returns the mean loss of the micro-batches of this process."""
        if self.micro_batches == 1:
            loss = compute_loss(replica, step)
            torch.autograd.backward(loss)
            return loss.detach()
        own_parts = self.processes.own_parts(self.micro_batches)
        statistics, losses = RunningStatistics(self.network), []
        for part in own_parts:
            is_last = part == own_parts[-1]
            with nullcontext() if is_last else without_exchange(replica):
                loss = compute_loss(replica, step * self.micro_batches + part) / len(own_parts)
                torch.autograd.backward(loss)
            losses.append(loss.detach())
            statistics.collect()
        statistics.replace(self.processes.average(statistics.mean()))
        return torch.stack(losses).sum()

    def _check_finite(self, step: int, values: dict[str, float]) -> None:
        """Raise ``LossNotFiniteError`` for the first of the named values that is not finite."""
        for name, value in values.items():
            if not math.isfinite(value):
                raise LossNotFiniteError(
                    f"step {step}: the {name} is {value}, so the training stops; {self._last_checkpoint()}; "
                    "take a lower learning_rate or a longer warmup in the recipe, with --start from a "
                    "checkpoint or without"
                )

    def _last_checkpoint(self) -> str:
        """Where the last checkpoint is."""
        exists = self.checkpoint.exists()
        return f"{self.checkpoint} is its last checkpoint" if exists else "it wrote no checkpoint"
