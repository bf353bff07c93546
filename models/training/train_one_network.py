"""Train the semantic or the affinity network on annotated images."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from models.affinity_channels import channel_offsets
from models.deeplabv3 import DeepLabV3, upsample_selected_pixels
from models.devices import device_named
from models.image_preprocessing import Normalisation
from models.model_config import NetworkConfig
from models.training.crop_batches import AnnotatedImage, Batch, CropBatches, ImagesOnDisk
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
from models.training.worker_batches import worker_failures_with_advice

COUNTED_BATCHES = 16
"""The number of batches on which classes and kinds of pairs are counted, to choose weights for the loss."""

BatchLoss = Callable[[DeepLabV3, int, Batch], Tensor]
"""A function that computes the loss from a network, the number of a step, and the batch of this step."""


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
        # Checkpoints contain this text, so it keeps the name that the class had when they were written.
        fields = ", ".join(f"{name}={value!r}" for name, value in vars(self).items())
        return f"Recipe({fields})"


def train_semantic(
    sources: Sequence[AnnotatedImage],
    settings: TrainingSettings,
    normalisation: Normalisation,
    checkpoint: Path,
    on_step: Callable[[Progress], None],
    start: StartingWeights | None = None,
    device: str = "cpu",
    workers: int = 0,
) -> Trainer:
    """Train the semantic network (section 3.2) on crops of ``sources``.

    checkpoint: the file to write checkpoints to. If it exists, the training continues from it.
    on_step: a function that is called with the progress after each step.
    start: the weights that a new training starts from; None for random weights.
    device: "cpu", "cuda" or "cuda:N". A training may continue on another device, but its weights then differ
        in the last bits. The trained network is returned on the CPU.
    workers: the number of processes that prepare batches in advance. If 0, this process prepares them.
    Raises ``CheckpointError`` if the checkpoint is damaged or belongs to another training, ``ValueError`` for
    an unknown device, ``WorkerError`` if the workers fail, and the errors of ``Trainer.run``.
    """
    torch_device = device_named(device)
    crops = _crop_batches(sources, settings)
    weights = _class_loss_weights(crops, settings).to(torch_device)

    def batch_loss(network: DeepLabV3, step: int, batch: Batch) -> Tensor:
        row, column = origin = _random_origin(settings, step)
        logits = _logits_of_subsampled_pixels(
            network, normalisation(batch.images), settings.loss_step, origin
        )
        labels = batch.semantic[:, row :: settings.loss_step, column :: settings.loss_step]
        return semantic_loss(logits, labels, weights)

    data = _data_fingerprint(sources)
    fingerprint = f"semantic network, {settings}, {normalisation}, {data}"
    return _run_training(
        settings, fingerprint, checkpoint, crops, batch_loss, on_step, start, torch_device, workers
    )


def train_affinity(
    sources: Sequence[AnnotatedImage],
    settings: TrainingSettings,
    distances: Sequence[int],
    normalisation: Normalisation,
    checkpoint: Path,
    on_step: Callable[[Progress], None],
    start: StartingWeights | None = None,
    device: str = "cpu",
    workers: int = 0,
) -> Trainer:
    """Train the affinity network (section 3.3) on crops of ``sources``.

    distances: the distances of the neighbours in pixels, in the order of the channels.
    The other arguments and the errors are those of ``train_semantic``.
    """
    torch_device = device_named(device)
    crops, offsets = _crop_batches(sources, settings), channel_offsets(distances)
    weights = _pair_kind_loss_weights(crops, settings, offsets).to(torch_device)

    def batch_loss(network: DeepLabV3, step: int, batch: Batch) -> Tensor:
        origin = _random_origin(settings, step)
        logits = _logits_of_subsampled_pixels(
            network, normalisation(batch.images), settings.loss_step, origin
        )
        kinds = pair_kinds(batch.instances, offsets, settings.loss_step, origin)
        return affinity_loss(logits, kinds, weights)

    data = f"distances {tuple(distances)}, {_data_fingerprint(sources)}"
    fingerprint = f"affinity network, {settings}, {normalisation}, {data}"
    return _run_training(
        settings, fingerprint, checkpoint, crops, batch_loss, on_step, start, torch_device, workers
    )


def _crop_batches(sources: Sequence[AnnotatedImage], settings: TrainingSettings) -> CropBatches:
    """The batches of random crops that ``settings`` describe."""
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
    """Batches on which the loss weights are chosen. They belong to steps that no training reaches."""
    return [crops[step] for step in range(10**9, 10**9 + COUNTED_BATCHES)]


def _class_loss_weights(crops: CropBatches, settings: TrainingSettings) -> Tensor:
    """The loss weights (1 + C,) of background and classes, from their frequency in some batches."""
    channels = settings.network.channels
    if settings.balance == (0.0,):
        return torch.ones(channels)
    counts = torch.zeros(channels, dtype=torch.int64)
    for batch in _batches_to_count(crops):
        counts += torch.bincount(batch.semantic.flatten().long(), minlength=256)[:channels]
    return balanced_class_weights(counts, *settings.balance)


def _pair_kind_loss_weights(
    crops: CropBatches, settings: TrainingSettings, offsets: Sequence[tuple[int, int]]
) -> Tensor:
    """The loss weights (K, 4) of the kinds of pairs, from their frequency in some batches."""
    counts = torch.zeros(len(offsets), 4, dtype=torch.int64)
    if not settings.balance:
        return torch.ones(counts.shape)
    for batch in _batches_to_count(crops):
        kinds = pair_kinds(batch.instances, offsets, spacing=4).transpose(0, 1).flatten(1)
        counts += torch.stack([(kinds == kind).sum(dim=1) for kind in range(4)], dim=1)
    return balanced_kind_weights(counts, settings.balance)


def _random_origin(settings: TrainingSettings, step: int) -> tuple[int, int]:
    """The first row and the first column of the pixels on which the loss of a step is computed."""
    row, column = np.random.default_rng((settings.seed, step, 1)).integers(
        settings.loss_step, size=2
    )
    return int(row), int(column)


def _logits_of_subsampled_pixels(
    network: DeepLabV3, images: Tensor, spacing: int, origin: tuple[int, int]
) -> Tensor:
    """Logits (N, C, h, w) float32 of the pixels ``origin + spacing * (i, j)`` of the images."""
    device_type = images.device.type
    # bfloat16 halves the time of convolutions, but processors without support take twenty times as long.
    use_bfloat16 = device_type != "cpu" or torch.ops.mkldnn._is_mkldnn_bf16_supported()
    with torch.autocast(device_type, torch.bfloat16, enabled=use_bfloat16):
        logits = network(images)
    rows, columns = (slice(first, None, spacing) for first in origin)
    height, width = images.shape[-2:]
    stride = network.config.output_stride
    return upsample_selected_pixels(logits.float(), (height, width), stride, rows, columns)


def _data_fingerprint(sources: Sequence[AnnotatedImage]) -> str:
    """The digest of all images and their annotation, and how it is made."""
    if isinstance(sources, ImagesOnDisk):
        return f"files {sources.digest}"
    total = hashlib.sha256()
    for source in sources:
        for part in (source.image, source.semantic, source.instances):
            total.update(np.ascontiguousarray(part).data)
    return f"images {total.hexdigest()}"


def _run_training(
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
    """Train a network: from its checkpoint if it exists, else from ``start``, else from random weights."""
    torch.manual_seed(settings.seed)
    network = DeepLabV3(settings.network.at_stride(settings.schedule.output_stride_at(0)))
    fingerprint += settings.schedule.describe_settings_outside_repr()
    if start is not None:
        fingerprint += f", start {start.digest}"
        if not checkpoint.exists():
            load_starting_weights(network, start)
    trainer = Trainer(network.to(device), settings.schedule, checkpoint, fingerprint)
    batches = crops.iterate_batches(
        range(trainer.progress.finished_steps, settings.schedule.steps), workers
    )

    def seeded_loss(network: DeepLabV3, step: int) -> Tensor:
        # Dropout is random. A new seed for each step makes it the same in a resumed training.
        torch.manual_seed(settings.seed + step)
        return batch_loss(network, step, next(batches).to(device))

    with worker_failures_with_advice():
        trainer.run(seeded_loss, on_step)
    trainer.network.cpu()
    return trainer
