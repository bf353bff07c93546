"""The training loop of one network, with checkpoints from which a stopped training continues."""

import io
import math
from collections.abc import Callable
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
from models.training.schedule_and_optimizer import Schedule
from models.training.stop_signals import TrainingStopped, record_stop_signals

MAX_GRADIENT_NORM = 5.0
"""The largest norm of the gradient. A larger gradient is scaled down to this norm."""


class CheckpointError(ValueError):
    """A training cannot continue from a checkpoint. The message says why, and what to do."""


class LossNotFiniteError(ValueError):
    """A loss or a gradient is not finite. The message says in which step, and what to do."""


@dataclass
class Progress:
    """How far a training is: the losses of its steps so far, and the seconds that these steps took."""

    losses: list[float] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def finished_steps(self) -> int:
        """The number of finished steps."""
        return len(self.losses)


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

    checkpoint: the file to write checkpoints to. If it exists, the training continues from it.
    fingerprint: a text with all settings and a digest of the images, which is stored in the checkpoint (under
        the key ``recipe``). A checkpoint with another fingerprint is an error.
    """

    def __init__(
        self, network: DeepLabV3, schedule: Schedule, checkpoint: Path, fingerprint: str = ""
    ) -> None:
        self.network = use_channels_last(network)
        self.schedule, self.checkpoint, self.fingerprint = schedule, checkpoint, fingerprint
        self.optimizer = schedule.make_optimizer(network)
        self.progress = Progress()
        if checkpoint.exists():
            state = read_checkpoint(checkpoint, fingerprint)
            network.load_state_dict(state["network"])
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
        """Write the checkpoint."""
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
        compute_loss: Callable[[DeepLabV3, int], Tensor],
        on_step: Callable[[Progress], None] = lambda progress: None,
    ) -> Progress:
        """Train to the end of the schedule; write a checkpoint every ``schedule.checkpoint_every`` steps.

        compute_loss: a function of the network and the number of a step that returns the loss, a scalar.
        on_step: a function that is called with the progress after each step.
        Raises ``TrainingStopped`` after the step in which SIGINT or SIGTERM comes, with a new checkpoint, and
        ``LossNotFiniteError`` in the first step whose loss or gradient is not finite, without one.
        """
        schedule, progress = self.schedule, self.progress
        with record_stop_signals() as stop:
            while progress.finished_steps < schedule.steps:
                start = perf_counter()
                progress.losses.append(self._take_step(compute_loss))
                progress.seconds += perf_counter() - start
                is_saved = self._is_checkpoint_due()
                if is_saved:
                    self.save_checkpoint()
                on_step(progress)
                if stop.signal is not None:
                    if not is_saved:
                        self.save_checkpoint()
                    raise TrainingStopped(self._stop_message(), stop.signal)
        self.network.set_output_stride(schedule.output_stride_at(schedule.steps))
        return progress

    def _is_checkpoint_due(self) -> bool:
        finished, schedule = self.progress.finished_steps, self.schedule
        return finished % schedule.checkpoint_every == 0 or finished == schedule.steps

    def _stop_message(self) -> str:
        return (
            f"stopped after step {self.progress.finished_steps} of {self.schedule.steps}; run the command "
            f"again to continue from {self.checkpoint}"
        )

    def _take_step(self, compute_loss: Callable[[DeepLabV3, int], Tensor]) -> float:
        """Update the weights once. Returns the loss before the update."""
        step = self.progress.finished_steps
        self.network.set_output_stride(self.schedule.output_stride_at(step))
        for group in self.optimizer.param_groups:
            group["lr"] = self.schedule.learning_rate_at(step)
        loss = compute_loss(self.network.train(), step)
        self.optimizer.zero_grad()
        torch.autograd.backward(loss)
        norm = nn.utils.clip_grad_norm_(self.network.parameters(), MAX_GRADIENT_NORM)
        self._check_finite(
            step, {"loss": float(loss.detach()), "norm of the gradient": float(norm)}
        )
        self.optimizer.step()
        return float(loss.detach())

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
