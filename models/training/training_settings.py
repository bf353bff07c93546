"""What a training of one network is: its settings, and the machines and processes that compute it."""

from dataclasses import dataclass, fields

from models.model_config import NetworkConfig
from models.training.schedule_and_optimizer import Schedule
from models.training.training_processes import ONE_PROCESS, TrainingProcesses

SETTINGS_OUTSIDE_OLD_CHECKPOINTS = ("micro_batches", "sync_batch_norm")
"""The settings that checkpoints name only if they differ from their default; see ``TrainingSettings``."""


@dataclass(frozen=True)
class TrainingSettings:
    """The settings of the training of one network.

    crop: the side of a crop in pixels. batch: the number of crops in a batch.
    scales: the smallest and the largest factor by which the image is enlarged before a crop is cut.
    balance: how the loss is weighted. For the semantic network this is one number, ``power`` in
        ``balanced_class_weights``. For the affinity network these are three numbers, ``shares`` in
        ``balanced_kind_weights``; without numbers, all pairs have the same weight.
    loss_step: the loss is computed on every ``loss_step``-th row and column of pixels, from a random first
        row and column on.
    seed: the seed of everything random in the training.
    turned: whether crops are rotated by random multiples of 90 degrees, for images that have no upright
        direction.
    gamma: the values of a crop, in [0, 1], are raised to a random power between ``1 / gamma`` and ``gamma``.
    micro_batches: the number of equal micro-batches of a batch. Batch normalisation takes place within each;
        the loss and the gradient of a step are the means of theirs. Several processes divide them.
    sync_batch_norm: whether batch normalisation takes place across the micro-batches of all processes. It
        needs GPUs, and as many processes as micro-batches. It is untested.

    Raises ValueError if the crops cannot be divided.
    """

    network: NetworkConfig
    schedule: Schedule
    crop: int
    batch: int
    scales: tuple[float, float]
    balance: tuple[float, ...]
    loss_step: int
    seed: int
    turned: bool = False
    gamma: float = 1.0
    micro_batches: int = 1
    sync_batch_norm: bool = False

    def __post_init__(self) -> None:
        if self.batch % self.micro_batches:
            raise ValueError(
                f"micro_batches is {self.micro_batches}, which does not divide batch, {self.batch}: take a "
                "divisor"
            )

    def __repr__(self) -> str:
        # Checkpoints contain this text, so it keeps the name that the class had when they were written, and
        # names settings that did not exist only if they differ from their default.
        defaults = {field.name: field.default for field in fields(self)}
        named = {
            name: value
            for name, value in vars(self).items()
            if name not in SETTINGS_OUTSIDE_OLD_CHECKPOINTS or value != defaults[name]
        }
        return f"Recipe({', '.join(f'{name}={value!r}' for name, value in named.items())})"


@dataclass(frozen=True)
class TrainingResources:
    """What computes a training. The weights differ only in the last bits with other resources.

    device: "cpu", "cuda" or "cuda:N". The trained network is returned on the CPU.
    workers: the number of processes that prepare batches in advance. If 0, each process of the training
        prepares its own.
    bfloat16: whether convolutions compute in bfloat16; None for where the device supports it.
    processes: the processes that divide each batch.
    """

    device: str = "cpu"
    workers: int = 0
    bfloat16: bool | None = None
    processes: TrainingProcesses = ONE_PROCESS
