"""The schedule of a training: its phases and their output strides, its optimiser and its learning rate."""

from dataclasses import dataclass, field, fields

import torch
from torch import nn


@dataclass(frozen=True)
class Phase:
    """A part of a training: ``steps`` steps at one output stride, or at several that alternate.

    The paper trains at a coarse stride first and continues at a fine one (section 5.1). Where strides
    alternate, the last one stays in use after the training.
    """

    steps: int
    output_stride: int | tuple[int, ...]

    def stride_at(self, step: int) -> int:
        """The output stride of a step of the phase; after its last step, the last of its strides."""
        strides = self.output_stride
        if isinstance(strides, int):
            return strides
        return strides[step % len(strides)] if step < self.steps else strides[-1]


@dataclass(frozen=True)
class Schedule:
    """Phases and an optimiser; its learning rate rises linearly for ``warmup`` steps and then falls.

    optimizer: "adamw", or "sgd" with ``momentum``.
    drop, drop_every: the rate is multiplied by ``drop`` after every ``drop_every`` steps, as in section 5.1.
        If ``drop_every`` is 0, the rate falls as (1 - t) ** 0.9, where t goes from 0 to 1.

    Raises ValueError, one line, for settings that contradict each other.
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
            raise ValueError(f"drop is {self.drop}, but drop_every is 0: set drop_every, too")

    @property
    def steps(self) -> int:
        """The number of steps of all phases together."""
        return sum(phase.steps for phase in self.phases)

    def output_stride(self, step: int) -> int:
        """The output stride of a step; after the last step, the stride of the trained network."""
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

    def describe_hidden_settings(self) -> str:
        """Text of each setting that ``repr`` leaves out and that is not the default: ", NAME VALUE".

        It is a part of a checkpoint's fingerprint. Checkpoints that were written before these settings
        existed lack them and must stay valid.
        """
        hidden = [setting for setting in fields(self) if not setting.repr]
        values = {
            setting.name: (getattr(self, setting.name), setting.default) for setting in hidden
        }
        return "".join(f", {name} {own}" for name, (own, usual) in values.items() if own != usual)

    def make_optimizer(self, network: nn.Module) -> torch.optim.Optimizer:
        """Return a new optimiser of all parameters of ``network``."""
        rate, decay = self.learning_rate, self.weight_decay
        if self.optimizer == "sgd":
            return torch.optim.SGD(
                network.parameters(), lr=rate, weight_decay=decay, momentum=self.momentum
            )
        return torch.optim.AdamW(network.parameters(), lr=rate, weight_decay=decay)
