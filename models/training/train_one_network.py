"""Train the semantic or the affinity network on annotated images."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from models.affinity_channels import channel_offsets
from models.deeplabv3 import DeepLabV3, upsample_selected_pixels
from models.devices import device_named
from models.image_preprocessing import Normalisation
from models.training.crop_batches import AnnotatedImage, Batch, CropBatches, ImagesOnDisk
from models.training.loss_functions import (
    affinity_loss,
    balanced_class_weights,
    balanced_kind_weights,
    semantic_loss,
)
from models.training.pair_targets import pair_kinds
from models.training.starting_weights import StartingWeights, load_starting_weights
from models.training.training_loop import Progress, Trainer
from models.training.training_settings import TrainingResources, TrainingSettings
from models.training.worker_batches import worker_failures_with_advice

COUNTED_BATCHES = 16
"""The number of batches on which classes and kinds of pairs are counted, to choose weights for the loss."""

DEFAULT_RESOURCES = TrainingResources()
"""One process on the CPU, without workers."""

BatchLoss = Callable[[nn.Module, int, Batch], Tensor]
"""A function that computes the loss from a network, the number of a step, and a micro-batch of this step."""


def train_semantic(
    sources: Sequence[AnnotatedImage],
    settings: TrainingSettings,
    normalisation: Normalisation,
    checkpoint: Path,
    on_step: Callable[[Progress], None],
    start: StartingWeights | None = None,
    resources: TrainingResources = DEFAULT_RESOURCES,
) -> Trainer:
    """Train the semantic network (section 3.2) on crops of ``sources``.

    checkpoint: the file to write checkpoints to. If it exists, the training continues from it.
    on_step: a function that is called with the progress after each step.
    start: the weights that a new training starts from; None for random weights.
    resources: the device and the processes. A training may continue with others, but its weights then differ
        in the last bits.
    Raises ``CheckpointError`` if the checkpoint is damaged or belongs to another training, ``ValueError`` for
    an unknown device or a number of processes that does not divide the micro-batches, ``WorkerError`` if the
    workers fail, and the errors of ``Trainer.run``.
    """
    device = device_named(resources.device)
    crops = _crop_batches(sources, settings)
    weights = _class_loss_weights(crops, settings).to(device)

    def batch_loss(network: nn.Module, step: int, batch: Batch) -> Tensor:
        row, column = _random_origin(settings, step)
        logits = _logits_of_subsampled_pixels(
            network, normalisation(batch.images), settings, step, resources.bfloat16
        )
        labels = batch.semantic[:, row :: settings.loss_step, column :: settings.loss_step]
        return semantic_loss(logits, labels, weights)

    data = _data_fingerprint(sources)
    fingerprint = f"semantic network, {settings}, {normalisation}, {data}"
    return _run_training(
        settings, fingerprint, checkpoint, crops, batch_loss, on_step, start, resources
    )


def train_affinity(
    sources: Sequence[AnnotatedImage],
    settings: TrainingSettings,
    distances: Sequence[int],
    normalisation: Normalisation,
    checkpoint: Path,
    on_step: Callable[[Progress], None],
    start: StartingWeights | None = None,
    resources: TrainingResources = DEFAULT_RESOURCES,
) -> Trainer:
    """Train the affinity network (section 3.3) on crops of ``sources``.

    distances: the distances of the neighbours in pixels, in the order of the channels.
    The other arguments and the errors are those of ``train_semantic``.
    """
    device = device_named(resources.device)
    crops, offsets = _crop_batches(sources, settings), channel_offsets(distances)
    weights = _pair_kind_loss_weights(crops, settings, offsets).to(device)

    def batch_loss(network: nn.Module, step: int, batch: Batch) -> Tensor:
        origin = _random_origin(settings, step)
        logits = _logits_of_subsampled_pixels(
            network, normalisation(batch.images), settings, step, resources.bfloat16
        )
        kinds = pair_kinds(batch.instances, offsets, settings.loss_step, origin)
        return affinity_loss(logits, kinds, weights)

    data = f"distances {tuple(distances)}, {_data_fingerprint(sources)}"
    fingerprint = f"affinity network, {settings}, {normalisation}, {data}"
    return _run_training(
        settings, fingerprint, checkpoint, crops, batch_loss, on_step, start, resources
    )


def _crop_batches(sources: Sequence[AnnotatedImage], settings: TrainingSettings) -> CropBatches:
    """The micro-batches of random crops that ``settings`` describe."""
    return CropBatches(
        sources,
        settings.crop,
        settings.batch,
        settings.scales,
        settings.seed,
        settings.turned,
        settings.gamma,
        settings.micro_batches,
    )


def _batches_to_count(crops: CropBatches) -> Iterator[Batch]:
    """Batches on which the loss weights are chosen. They belong to steps that no training reaches."""
    return map(crops.whole_batch, range(10**9, 10**9 + COUNTED_BATCHES))


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
    network: nn.Module, images: Tensor, settings: TrainingSettings, step: int, bfloat16: bool | None
) -> Tensor:
    """Logits (N, C, h, w) float32 of the pixels of the images on which the loss of a step is computed."""
    kind = images.device.type
    use_bfloat16 = _supports_bfloat16(kind) if bfloat16 is None else bfloat16
    with torch.autocast(kind, torch.bfloat16, enabled=use_bfloat16):
        logits = network(images)
    origin, spacing = _random_origin(settings, step), settings.loss_step
    rows, columns = (slice(first, None, spacing) for first in origin)
    height, width = images.shape[-2:]
    stride = settings.schedule.output_stride_at(step)
    return upsample_selected_pixels(logits.float(), (height, width), stride, rows, columns)


def _supports_bfloat16(device_type: str) -> bool:
    """Whether bfloat16 makes convolutions faster. Processors without support take twenty times as long."""
    if device_type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    return bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())


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
    resources: TrainingResources,
) -> Trainer:
    """Train a network: from its checkpoint if it exists, else from ``start``, else from random weights."""
    device, parts = device_named(resources.device), settings.micro_batches
    own_parts = resources.processes.own_parts(parts)
    torch.manual_seed(settings.seed)
    network = DeepLabV3(settings.network.at_stride(settings.schedule.output_stride_at(0)))
    if settings.sync_batch_norm:
        network = _with_sync_batch_norm(network, parts, resources.processes.size, device)
    fingerprint += settings.schedule.describe_settings_outside_repr()
    if start is not None:
        fingerprint += f", start {start.digest}"
        if not checkpoint.exists():
            load_starting_weights(network, start)
    trainer = Trainer(
        network.to(device), settings.schedule, checkpoint, fingerprint, parts, resources.processes
    )
    steps = range(trainer.progress.finished_steps, settings.schedule.steps)
    numbers = [step * parts + part for step in steps for part in own_parts]
    batches = crops.iterate_batches(numbers, resources.workers, device.type == "cuda")

    def seeded_loss(network: nn.Module, number: int) -> Tensor:
        step, part = divmod(number, parts)
        torch.manual_seed(_seed_of_dropout(settings.seed, step, part))
        return batch_loss(network, step, next(batches).to(device))

    with worker_failures_with_advice():
        trainer.run(seeded_loss, on_step)
    trainer.network.cpu()
    return trainer


def _with_sync_batch_norm(
    network: DeepLabV3, micro_batches: int, processes: int, device: torch.device
) -> DeepLabV3:
    """The network with batch normalisation across all processes, which needs GPUs. This is untested."""
    if device.type != "cuda" or processes != micro_batches:
        raise ValueError(
            f"sync_batch_norm needs {micro_batches} processes with a GPU each, as micro_batches says: start "
            f"torchrun --nproc-per-node {micro_batches} with --device cuda, or remove the key"
        )
    converted: DeepLabV3 = nn.SyncBatchNorm.convert_sync_batchnorm(network)  # type: ignore[no-untyped-call]
    return converted


def _seed_of_dropout(seed: int, step: int, part: int) -> int:
    """The seed of a micro-batch. A new one for each makes dropout the same in a resumed training."""
    if part == 0:
        return seed + step
    return int(np.random.SeedSequence((seed, step, part)).generate_state(1, np.uint64)[0])
