"""The schedule of a training: its phases with their output strides, its optimiser and its learning rates."""

from dataclasses import dataclass, field, fields

import torch
from torch import nn


@dataclass(frozen=True)
class Phase:
    """A part of a training: a number of steps at one output stride, or at several strides in turn.

    The paper trains first at a coarse output stride, and then at a fine one (section 5.1).
    """

    steps: int
    output_stride: int | tuple[int, ...]

    def stride_at(self, step: int) -> int:
        """The output stride of a step, counted from the start of the phase.

        After the last step, it is the last of the strides.
        """
        strides = self.output_stride
        if isinstance(strides, int):
            return strides
        return strides[step % len(strides)] if step < self.steps else strides[-1]


@dataclass(frozen=True)
class Schedule:
    """The phases of a training, its optimiser, and how the learning rate changes.

    learning_rate: the base of the learning rate; see ``learning_rate_at``.
    warmup: the number of steps over which the learning rate rises linearly from 0.
    checkpoint_every: the number of steps after which a checkpoint is written.
    optimizer: "adamw" or "sgd". momentum: the momentum of "sgd".
    drop, drop_every: the learning rate is multiplied by ``drop`` after every ``drop_every`` steps, as in
        section 5.1. If ``drop_every`` is 0, it is multiplied by (1 - step / steps) ** 0.9 instead.

    Raises ValueError for settings that contradict each other.
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
            raise ValueError(f"optimizer is {self.optimizer!r}; it must be 'adamw' or 'sgd'")
        if self.optimizer != "sgd" and self.momentum:
            raise ValueError(
                f"momentum is {self.momentum}, but only optimizer 'sgd' has a momentum: remove it"
            )
        if self.drop != 1 and not self.drop_every:
            raise ValueError(f"drop is {self.drop}, but drop_every is 0: set drop_every, too")

    @property
    def steps(self) -> int:
        """The number of steps of all phases together."""
        return sum(phase.steps for phase in self.phases)

    def output_stride_at(self, step: int) -> int:
        """The output stride of a step. After the last step, it is that of the trained network."""
        for phase in self.phases:
            if step < phase.steps:
                return phase.stride_at(step)
            step -= phase.steps
        return self.phases[-1].stride_at(self.phases[-1].steps)

    def learning_rate_at(self, step: int) -> float:
        """The learning rate of a step."""
        rise = min(1.0, (step + 1) / max(1, self.warmup))
        if self.drop_every:
            return self.learning_rate * rise * self.drop ** (step // self.drop_every)
        return self.learning_rate * rise * float((1 - step / self.steps) ** 0.9)

    def describe_settings_outside_repr(self) -> str:
        """The text ", NAME VALUE" of each setting that ``repr`` leaves out and that differs from its default.

        It is a part of the fingerprint in a checkpoint. Old checkpoints were written before these settings
        existed; they stay valid, because a default value adds no text.
        """
        left_out = [setting for setting in fields(self) if not setting.repr]
        values = {
            setting.name: (getattr(self, setting.name), setting.default) for setting in left_out
        }
        return "".join(
            f", {name} {value}" for name, (value, default) in values.items() if value != default
        )

    def make_optimizer(self, network: nn.Module) -> torch.optim.Optimizer:
        """Return a new optimiser for all parameters of ``network``.

        On a GPU, it updates all of them at once (``fused``).
        """
        parameters = list(network.parameters())
        rate, decay = self.learning_rate, self.weight_decay
        fused = True if parameters[0].is_cuda else None
        if self.optimizer == "sgd":
            return torch.optim.SGD(
                parameters, lr=rate, weight_decay=decay, momentum=self.momentum, fused=fused
            )
        return torch.optim.AdamW(parameters, lr=rate, weight_decay=decay, fused=fused)
