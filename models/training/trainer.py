"""The training loop: the same for both networks, resumable to the step."""

import pickle
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from pathlib import Path
from time import perf_counter

import torch
from torch import Tensor, nn

from models.deeplabv3 import DeepLabV3
from models.files import write_whole


class CheckpointError(ValueError):
    """A checkpoint that cannot be continued from, and what to do about it."""


@dataclass(frozen=True)
class Phase:
    """So many steps at one output stride (the paper trains at the coarse one, then refines at the fine), or
    at several that take turns, so that the same weights serve all of them; the last is the network's own."""

    steps: int
    output_stride: int | tuple[int, ...]

    def stride_at(self, step: int) -> int:
        """The output stride of the phase's step ``step``; a step that there is not has the network's own."""
        turns = (
            self.output_stride if isinstance(self.output_stride, tuple) else (self.output_stride,)
        )
        return turns[step % len(turns)] if step < self.steps else turns[-1]


@dataclass(frozen=True)
class Schedule:
    """Phases, and an optimiser whose learning rate rises for ``warmup`` steps and then falls.

    optimizer: "adamw", or "sgd" with ``momentum``.
    drop, drop_every: every so many steps the rate is multiplied by ``drop``, as in the paper's section 5.1;
        with ``drop_every`` 0 it falls as (1 - t) ** 0.9.
    """

    phases: tuple[Phase, ...]
    learning_rate: float
    weight_decay: float
    warmup: int
    checkpoint_every: int = 200
    optimizer: str = field(default="adamw", repr=False)
    momentum: float = field(default=0.0, repr=False)
    drop: float = field(default=1.0, repr=False)
    drop_every: int = field(default=0, repr=False)

    def __post_init__(self) -> None:
        if self.optimizer not in ("adamw", "sgd"):
            raise ValueError(f"optimizer is {self.optimizer!r}, it must be 'adamw' or 'sgd'")
        if self.optimizer != "sgd" and self.momentum:
            raise ValueError(f"momentum is {self.momentum}, but only optimizer 'sgd' has one")
        if self.drop != 1 and not self.drop_every:
            raise ValueError(f"drop is {self.drop}, but drop_every says after how many steps")

    @property
    def steps(self) -> int:
        return sum(phase.steps for phase in self.phases)

    def output_stride(self, step: int) -> int:
        for phase in self.phases:
            if step < phase.steps:
                return phase.stride_at(step)
            step -= phase.steps
        return self.phases[-1].stride_at(self.phases[-1].steps)

    def rate_at(self, step: int) -> float:
        rise = min(1.0, (step + 1) / max(1, self.warmup))
        if self.drop_every:
            fall = self.drop ** (step // self.drop_every)
        else:
            fall = (1 - step / self.steps) ** 0.9
        return self.learning_rate * rise * fall

    def later_entries(self) -> str:
        """What ``repr`` leaves out, where it is not the default: ", name value" each, or nothing.

        Checkpoints are known by their words, and those that were written before there were these entries
        have to be known as before.
        """
        later = [entry for entry in fields(self) if not entry.repr]
        values = {entry.name: (getattr(self, entry.name), entry.default) for entry in later}
        return "".join(f", {name} {own}" for name, (own, usual) in values.items() if own != usual)

    def make_optimizer(self, network: nn.Module) -> torch.optim.Optimizer:
        decay = {"lr": self.learning_rate, "weight_decay": self.weight_decay}
        if self.optimizer == "sgd":
            return torch.optim.SGD(network.parameters(), momentum=self.momentum, **decay)
        return torch.optim.AdamW(network.parameters(), **decay)


@dataclass
class Progress:
    """Where a training stands: the losses of all steps so far, and the seconds they took."""

    losses: list[float] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def step(self) -> int:
        return len(self.losses)


def save_checkpoint(path: Path, state: dict) -> None:
    """Write a checkpoint so that a killed training leaves the old one or the new one, never half of one."""
    write_whole(path, lambda partial: torch.save(state, partial))


def read_checkpoint(path: Path, recipe: str) -> dict:
    """What ``save_checkpoint`` wrote for the same recipe; raises ``CheckpointError`` in one line."""
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except (RuntimeError, pickle.UnpicklingError, EOFError) as error:
        reason = str(error).partition("\n")[0]
        raise CheckpointError(f"{path} is damaged ({reason}); delete it to train anew") from None
    if state.get("recipe") != recipe:
        raise CheckpointError(f"{path} is of another recipe; delete it or train in another folder")
    return state


class Trainer:
    """One network, its optimiser and its progress; ``run`` continues from the checkpoint if there is one.

    recipe: words that say how the network is trained; a checkpoint made with others is refused.
    """

    def __init__(
        self, network: DeepLabV3, schedule: Schedule, checkpoint: Path, recipe: str = ""
    ) -> None:
        self.network = network.to(memory_format=torch.channels_last)
        self.schedule, self.checkpoint, self.recipe = schedule, checkpoint, recipe
        self.optimizer = schedule.make_optimizer(network)
        self.progress = Progress()
        if checkpoint.exists():
            state = read_checkpoint(checkpoint, recipe)
            network.load_state_dict(state["network"])
            self.optimizer.load_state_dict(state["optimizer"])
            self.progress = Progress(state["losses"], state["seconds"])

    def save(self) -> None:
        state = {
            "network": self.network.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "losses": self.progress.losses,
            "seconds": self.progress.seconds,
            "recipe": self.recipe,
        }
        save_checkpoint(self.checkpoint, state)

    def run(
        self,
        compute_loss: Callable[[DeepLabV3, int], Tensor],
        on_step: Callable[[Progress], None] = lambda progress: None,
    ) -> Progress:
        """Train to the end of the schedule; ``compute_loss(network, step)`` draws the batch of that step."""
        schedule, progress = self.schedule, self.progress
        while progress.step < schedule.steps:
            start, step = perf_counter(), progress.step
            self.network.set_output_stride(schedule.output_stride(step))
            for group in self.optimizer.param_groups:
                group["lr"] = schedule.rate_at(step)
            loss = compute_loss(self.network.train(), step)
            self.optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(self.network.parameters(), 5.0)
            self.optimizer.step()
            progress.losses.append(float(loss.detach()))
            progress.seconds += perf_counter() - start
            if progress.step % schedule.checkpoint_every == 0 or progress.step == schedule.steps:
                self.save()
            on_step(progress)
        self.network.set_output_stride(schedule.output_stride(schedule.steps))
        return progress
