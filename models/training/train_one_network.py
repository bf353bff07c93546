"""Train the semantic or the affinity network on annotated images."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from models.affinity_channels import channel_offsets
from models.deeplabv3 import DeepLabV3, upsample_thinned
from models.devices import device_named
from models.image_preprocessing import Normalisation
from models.model_config import NetworkConfig
from models.training.crop_batches import AnnotatedImage, Batch, CropBatches
from models.training.loss_functions import (
    affinity_loss,
    balanced_class_weights,
    balanced_kind_weights,
    semantic_loss,
)
from models.training.pair_targets import pair_kinds
from models.training.schedule_and_optimizer import Schedule
from models.training.starting_weights import StartingWeights, load_starting_weights
from models.training.training_loop import Progress, Trainer

COUNTED_BATCHES = 16
"""The number of batches on which frequencies of classes and pairs are counted, for the loss weights."""

BatchLoss = Callable[[DeepLabV3, int, Batch], Tensor]
"""Returns the loss of a network for a step and its batch."""


@dataclass(frozen=True)
class TrainingSettings:
    """The settings of the training of one network.

    crop, batch: the side of a crop in pixels; the number of crops in a batch.
    scales: the smallest and the largest factor by which a crop is enlarged.
    balance: the arguments of ``balanced_class_weights`` (semantic: one power) or ``balanced_kind_weights``
        (affinity: three shares). Empty for the affinity network: all pairs weigh the same.
    loss_step: the loss is computed on every ``loss_step``-th pixel of each row and column; the first row and
        column are random.
    turned: crops are also rotated by random multiples of 90 degrees, for images without an upright direction.
    gamma: values of a crop are raised to a random power between 1 / ``gamma`` and ``gamma``; 1 changes none.
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

    def __repr__(self) -> str:
        # This text is in the fingerprints of checkpoints, so it keeps the first name of the class.
        fields = ", ".join(f"{name}={value!r}" for name, value in vars(self).items())
        return f"Recipe({fields})"


def train_semantic(
    sources: Sequence[AnnotatedImage],
    settings: TrainingSettings,
    preprocess: Normalisation,
    checkpoint: Path,
    on_step: Callable[[Progress], None],
    start: StartingWeights | None = None,
    device: str = "cpu",
    workers: int = 0,
) -> Trainer:
    """Train the semantic network (section 3.2) on crops of ``sources``.

    checkpoint: the file of the checkpoint; if it exists, training continues from it.
    on_step: called with the progress after each step.
    start: the initial weights; without them, or with a checkpoint, they are not used.
    device: "cpu", "cuda" or "cuda:N". The trained network is returned on the CPU. A training may continue on
        another device; its weights then differ in the last bits.
    workers: the number of processes that prepare batches in advance; 0: the training process does so itself.
    Raises ``CheckpointError`` for a checkpoint of another training, ``ValueError`` for an unknown device.
    """
    there = device_named(device)
    crops = _crop_batches(sources, settings)
    weights = _class_weights(crops, settings).to(there)

    def batch_loss(network: DeepLabV3, step: int, batch: Batch) -> Tensor:
        row, column = origin = _random_origin(settings, step)
        logits = _logits_of_thinned_pixels(
            network, preprocess(batch.images), settings.loss_step, origin
        )
        labels = batch.semantic[:, row :: settings.loss_step, column :: settings.loss_step]
        return semantic_loss(logits, labels, weights)

    fingerprint = f"semantic network, {settings}, {preprocess}, images {_digest(sources)}"
    return _train(
        settings, fingerprint, checkpoint, crops, batch_loss, on_step, start, there, workers
    )


def train_affinity(
    sources: Sequence[AnnotatedImage],
    settings: TrainingSettings,
    distances: Sequence[int],
    preprocess: Normalisation,
    checkpoint: Path,
    on_step: Callable[[Progress], None],
    start: StartingWeights | None = None,
    device: str = "cpu",
    workers: int = 0,
) -> Trainer:
    """Train the affinity network (section 3.3) on crops of ``sources``.

    distances: the distances of the neighbours in pixels, in the order of the channels.
    The other arguments are those of ``train_semantic``.
    """
    there = device_named(device)
    crops, offsets = _crop_batches(sources, settings), channel_offsets(distances)
    weights = _kind_weights(crops, settings, offsets).to(there)

    def batch_loss(network: DeepLabV3, step: int, batch: Batch) -> Tensor:
        origin = _random_origin(settings, step)
        logits = _logits_of_thinned_pixels(
            network, preprocess(batch.images), settings.loss_step, origin
        )
        kinds = pair_kinds(batch.instances, offsets, settings.loss_step, origin)
        return affinity_loss(logits, kinds, weights)

    data = f"distances {tuple(distances)}, images {_digest(sources)}"
    fingerprint = f"affinity network, {settings}, {preprocess}, {data}"
    return _train(
        settings, fingerprint, checkpoint, crops, batch_loss, on_step, start, there, workers
    )


def _crop_batches(sources: Sequence[AnnotatedImage], settings: TrainingSettings) -> CropBatches:
    """The random crops that ``settings`` describe."""
    return CropBatches(
        sources,
        settings.crop,
        settings.batch,
        settings.scales,
        settings.seed,
        settings.turned,
        settings.gamma,
    )


def _batches_to_count(crops: CropBatches) -> list[Batch]:
    """``COUNTED_BATCHES`` batches of steps that no training reaches, so training shares none of them."""
    return [crops[step] for step in range(10**9, 10**9 + COUNTED_BATCHES)]


def _class_weights(crops: CropBatches, settings: TrainingSettings) -> Tensor:
    """Loss weights (1 + C,) of the classes, from their frequency in some batches."""
    channels = settings.network.channels
    counts = torch.zeros(channels, dtype=torch.int64)
    for batch in _batches_to_count(crops):
        counts += torch.bincount(batch.semantic.flatten().long(), minlength=256)[:channels]
    return balanced_class_weights(counts, *settings.balance)


def _kind_weights(
    crops: CropBatches, settings: TrainingSettings, offsets: Sequence[tuple[int, int]]
) -> Tensor:
    """Loss weights (K, 4) of the kinds of pairs, from their frequency in some batches."""
    counts = torch.zeros(len(offsets), 4, dtype=torch.int64)
    if not settings.balance:
        return torch.ones(counts.shape)
    for batch in _batches_to_count(crops):
        kinds = pair_kinds(batch.instances, offsets, spacing=4).transpose(0, 1).flatten(1)
        counts += torch.stack([(kinds == kind).sum(dim=1) for kind in range(4)], dim=1)
    return balanced_kind_weights(counts, settings.balance)


def _random_origin(settings: TrainingSettings, step: int) -> tuple[int, int]:
    """The first row and column on which the loss of a step is computed."""
    row, column = np.random.default_rng((settings.seed, step, 1)).integers(
        settings.loss_step, size=2
    )
    return int(row), int(column)


def _logits_of_thinned_pixels(
    network: DeepLabV3, images: Tensor, spacing: int, origin: tuple[int, int]
) -> Tensor:
    """Logits (N, C, h, w) float32 of every ``spacing``-th pixel of rows and columns, from ``origin`` on."""
    kind = images.device.type
    # bfloat16 halves the time of the convolutions, but is twenty times slower on processors without support.
    use_bfloat16 = kind != "cpu" or torch.ops.mkldnn._is_mkldnn_bf16_supported()
    with torch.autocast(kind, torch.bfloat16, enabled=use_bfloat16):
        logits = network(images)
    rows, columns = (slice(first, None, spacing) for first in origin)
    height, width = images.shape[-2:]
    stride = network.config.output_stride
    return upsample_thinned(logits.float(), (height, width), stride, rows, columns)


def _digest(sources: Sequence[AnnotatedImage]) -> str:
    """SHA-256 of all images and annotations, in hex; a checkpoint is used only with the same images."""
    total = hashlib.sha256()
    for source in sources:
        for part in (source.image, source.semantic, source.instances):
            total.update(np.ascontiguousarray(part).data)
    return total.hexdigest()


def _train(
    settings: TrainingSettings,
    fingerprint: str,
    checkpoint: Path,
    crops: CropBatches,
    batch_loss: BatchLoss,
    on_step: Callable[[Progress], None],
    start: StartingWeights | None,
    device: torch.device,
    workers: int,
) -> Trainer:
    """Train a network from its checkpoint, from ``start``, or from random weights."""
    torch.manual_seed(settings.seed)
    network = DeepLabV3(settings.network.at_stride(settings.schedule.output_stride(0)))
    fingerprint += settings.schedule.describe_hidden_settings()
    if start is not None:
        fingerprint += f", start {start.digest}"
        if not checkpoint.exists():
            load_starting_weights(network, start)
    trainer = Trainer(network.to(device), settings.schedule, checkpoint, fingerprint)
    batches = crops.in_advance(range(trainer.progress.step, settings.schedule.steps), workers)

    def seeded_loss(network: DeepLabV3, step: int) -> Tensor:
        # Dropout uses torch's generator: seeding each step gives a resumed training the same dropout.
        torch.manual_seed(settings.seed + step)
        return batch_loss(network, step, next(batches).to(device))

    trainer.run(seeded_loss, on_step)
    trainer.network.cpu()
    return trainer
