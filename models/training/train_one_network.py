"""Train one network: a recipe and annotated images in, a trained network and its losses out."""

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
"""Batches on which class and pair frequencies are counted before training, for the loss weights."""

BatchLoss = Callable[[DeepLabV3, int, Batch], Tensor]
"""The loss of a network at a step, on the batch of that step."""


@dataclass(frozen=True)
class NetworkRecipe:
    """How one network is trained.

    crop, batch: side of a crop in pixels, crops of a batch.
    scales: the smallest and the largest factor by which a crop is enlarged.
    balance: semantic: the power of the inverse class frequency; affinity: the shares of the three kinds
        (one instance, two instances, instance and background) in a channel's loss; empty: no weights.
    loss_step: the loss is taken on every ``loss_step``-th pixel of each row and column, from a random one.
    turned: crops are also turned by quarters, for pictures without an upright direction.
    gamma: crops are made darker or lighter by a power between 1 / ``gamma`` and ``gamma``; 1 is off.
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
        # Checkpoints hold these words: the class's name in them is the one it had first.
        settings = ", ".join(f"{name}={value!r}" for name, value in vars(self).items())
        return f"Recipe({settings})"


def train_semantic(
    sources: Sequence[AnnotatedImage],
    recipe: NetworkRecipe,
    preprocess: Normalisation,
    checkpoint: Path,
    on_step: Callable[[Progress], None],
    start: StartingWeights | None = None,
    device: str = "cpu",
    workers: int = 0,
) -> Trainer:
    """Train the semantic network (section 3.2) on crops of ``sources``; resumes from ``checkpoint``.

    start: weights to begin with where there is no checkpoint yet.
    device: where it learns, "cpu", "cuda" or "cuda:N"; the network is returned on the CPU. A training may be
        continued on another device; its last bits then differ.
    workers: processes that draw batches ahead; 0: batches are drawn between the steps.
    """
    there = device_named(device)
    crops = _crop_batches(sources, recipe)
    weights = _class_weights(crops, recipe).to(there)

    def batch_loss(network: DeepLabV3, step: int, batch: Batch) -> Tensor:
        row, column = origin = _thinning_origin(recipe, step)
        logits = _thinned_logits(network, preprocess(batch.images), recipe.loss_step, origin)
        labels = batch.semantic[:, row :: recipe.loss_step, column :: recipe.loss_step]
        return semantic_loss(logits, labels, weights)

    words = f"semantic network, {recipe}, {preprocess}, images {_digest(sources)}"
    return _train(recipe, words, checkpoint, crops, batch_loss, on_step, start, there, workers)


def train_affinity(
    sources: Sequence[AnnotatedImage],
    recipe: NetworkRecipe,
    distances: Sequence[int],
    preprocess: Normalisation,
    checkpoint: Path,
    on_step: Callable[[Progress], None],
    start: StartingWeights | None = None,
    device: str = "cpu",
    workers: int = 0,
) -> Trainer:
    """Train the affinity network (section 3.3) on crops of ``sources``; resumes from ``checkpoint``.

    distances: of the neighbours, in pixels, in the order of the channels.
    start, device, workers: as for ``train_semantic``.
    """
    there = device_named(device)
    crops, offsets = _crop_batches(sources, recipe), channel_offsets(distances)
    weights = _kind_weights(crops, recipe, offsets).to(there)

    def batch_loss(network: DeepLabV3, step: int, batch: Batch) -> Tensor:
        origin = _thinning_origin(recipe, step)
        logits = _thinned_logits(network, preprocess(batch.images), recipe.loss_step, origin)
        kinds = pair_kinds(batch.instances, offsets, recipe.loss_step, origin)
        return affinity_loss(logits, kinds, weights)

    learnt = f"distances {tuple(distances)}, images {_digest(sources)}"
    words = f"affinity network, {recipe}, {preprocess}, {learnt}"
    return _train(recipe, words, checkpoint, crops, batch_loss, on_step, start, there, workers)


def _crop_batches(sources: Sequence[AnnotatedImage], recipe: NetworkRecipe) -> CropBatches:
    return CropBatches(
        sources,
        recipe.crop,
        recipe.batch,
        recipe.scales,
        recipe.seed,
        recipe.turned,
        recipe.gamma,
    )


def _counting_batches(crops: CropBatches) -> list[Batch]:
    # No training has as many steps, so that counting shares no batch with it.
    return [crops[step] for step in range(10**9, 10**9 + COUNTED_BATCHES)]


def _class_weights(crops: CropBatches, recipe: NetworkRecipe) -> Tensor:
    channels = recipe.network.channels
    counts = torch.zeros(channels, dtype=torch.int64)
    for batch in _counting_batches(crops):
        counts += torch.bincount(batch.semantic.flatten().long(), minlength=256)[:channels]
    return balanced_class_weights(counts, *recipe.balance)


def _kind_weights(
    crops: CropBatches, recipe: NetworkRecipe, offsets: Sequence[tuple[int, int]]
) -> Tensor:
    counts = torch.zeros(len(offsets), 4, dtype=torch.int64)
    if not recipe.balance:
        return torch.ones(counts.shape)
    for batch in _counting_batches(crops):
        kinds = pair_kinds(batch.instances, offsets, step=4).transpose(0, 1).flatten(1)
        counts += torch.stack([(kinds == kind).sum(dim=1) for kind in range(4)], dim=1)
    return balanced_kind_weights(counts, recipe.balance)


def _thinning_origin(recipe: NetworkRecipe, step: int) -> tuple[int, int]:
    """The first row and column that the loss of a step is taken on."""
    row, column = np.random.default_rng((recipe.seed, step, 1)).integers(recipe.loss_step, size=2)
    return int(row), int(column)


def _thinned_logits(
    network: DeepLabV3, images: Tensor, step: int, origin: tuple[int, int]
) -> Tensor:
    """Float32 logits of every ``step``-th pixel from ``origin`` on, in both directions."""
    kind = images.device.type
    # bfloat16 halves the time of the convolutions, but takes twenty times as long on a processor without it.
    quick = kind != "cpu" or torch.ops.mkldnn._is_mkldnn_bf16_supported()
    with torch.autocast(kind, torch.bfloat16, enabled=quick):
        logits = network(images)
    rows, columns = (slice(start, None, step) for start in origin)
    height, width = images.shape[-2:]
    stride = network.config.output_stride
    return upsample_thinned(logits.float(), (height, width), stride, rows, columns)


def _digest(sources: Sequence[AnnotatedImage]) -> str:
    """SHA-256 of all images and annotations: training continues only on those of the checkpoint."""
    total = hashlib.sha256()
    for source in sources:
        for part in (source.image, source.semantic, source.instances):
            total.update(np.ascontiguousarray(part).data)
    return total.hexdigest()


def _train(
    recipe: NetworkRecipe,
    words: str,
    checkpoint: Path,
    crops: CropBatches,
    batch_loss: BatchLoss,
    on_step: Callable[[Progress], None],
    start: StartingWeights | None,
    device: torch.device,
    workers: int,
) -> Trainer:
    torch.manual_seed(recipe.seed)
    network = DeepLabV3(recipe.network.at_stride(recipe.schedule.output_stride(0)))
    words += recipe.schedule.nondefault_words()
    if start is not None:
        words += f", start {start.digest}"
        if not checkpoint.exists():
            load_starting_weights(network, start)
    trainer = Trainer(network.to(device), recipe.schedule, checkpoint, words)
    batches = crops.ahead(range(trainer.progress.step, recipe.schedule.steps), workers)

    def seeded_loss(network: DeepLabV3, step: int) -> Tensor:
        # Dropout draws from torch's own generator: a resumed training has to drop the same.
        torch.manual_seed(recipe.seed + step)
        return batch_loss(network, step, next(batches).to(device))

    trainer.run(seeded_loss, on_step)
    trainer.network.cpu()
    return trainer
