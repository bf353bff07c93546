"""A recipe and annotated images in, a trained network and its measured record out."""

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
from models.model_config import NetworkConfig
from models.normalisation import Input
from models.training.crop_batches import Annotated, Batch, Crops
from models.training.loss_functions import (
    affinity_loss,
    balanced_class_weights,
    balanced_kind_weights,
    semantic_loss,
)
from models.training.pair_targets import pair_kinds
from models.training.starting_weights import Start, load_start
from models.training.trainer import Progress, Schedule, Trainer

COUNTED_BATCHES = 16
"""Batches on which class and pair frequencies are counted before training, for the loss weights."""


@dataclass(frozen=True)
class Recipe:
    """How one network is trained.

    balance: semantic: the power of the inverse class frequency; affinity: the shares of the three kinds
        (one instance, two instances, instance and background) in a channel's loss; empty: all pairs alike.
    turned: crops are turned by quarters, too: for pictures that have no top.
    gamma: crops are made darker or lighter by a power between 1 / ``gamma`` and ``gamma``; 1 is off.
    loss_step: the loss looks at every ``loss_step``-th pixel of each row and column, from a random one.
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


def _thinned_logits(
    network: DeepLabV3, images: Tensor, step: int, phase: tuple[int, int]
) -> Tensor:
    """Float32 logits of every ``step``-th pixel from ``phase`` on; the convolutions run in bfloat16 where
    that halves their time. A processor without instructions for it takes twenty times as long."""
    kind = images.device.type
    quick = kind != "cpu" or torch.ops.mkldnn._is_mkldnn_bf16_supported()
    with torch.autocast(kind, torch.bfloat16, enabled=quick):
        logits = network(images)
    rows, columns = (slice(start, None, step) for start in phase)
    stride = network.config.output_stride
    return upsample_thinned(logits.float(), images.shape[-2:], stride, rows, columns)


def _phase(recipe: Recipe, step: int) -> tuple[int, int]:
    row, column = np.random.default_rng((recipe.seed, step, 1)).integers(recipe.loss_step, size=2)
    return int(row), int(column)


def _crops(sources: Sequence[Annotated], recipe: Recipe) -> Crops:
    return Crops(
        sources,
        recipe.crop,
        recipe.batch,
        recipe.scales,
        recipe.seed,
        recipe.turned,
        recipe.gamma,
    )


def _counting_batches(crops: Crops) -> list[Batch]:
    # Steps no training reaches, so that counting shares no batch with it.
    return [crops[step] for step in range(10**9, 10**9 + COUNTED_BATCHES)]


def train_semantic(
    sources: Sequence[Annotated],
    recipe: Recipe,
    preprocess: Input,
    checkpoint: Path,
    on_step: Callable[[Progress], None],
    start: Start | None = None,
    device: str = "cpu",
    workers: int = 0,
) -> Trainer:
    """Train the semantic network (section 3.2) on crops of ``sources``; resumes from ``checkpoint``.

    start: weights to begin with, where there is no checkpoint yet. device: where it learns, "cpu", "cuda" or
    "cuda:N"; the network comes back on the CPU. A training may go on on another device, to other last bits.
    workers: processes that draw the batches ahead; 0: they are drawn between the steps.
    """
    there = device_named(device)
    crops = _crops(sources, recipe)
    channels = recipe.network.channels
    counts = sum(
        torch.bincount(batch.semantic.flatten().long(), minlength=256)[:channels]
        for batch in _counting_batches(crops)
    )
    weights = balanced_class_weights(counts, *recipe.balance).to(there)

    def compute_loss(network: DeepLabV3, step: int, batch: Batch) -> Tensor:
        row, column = phase = _phase(recipe, step)
        logits = _thinned_logits(network, preprocess(batch.images), recipe.loss_step, phase)
        labels = batch.semantic[:, row :: recipe.loss_step, column :: recipe.loss_step]
        return semantic_loss(logits, labels, weights)

    words = f"semantic network, {recipe}, {preprocess}, images {_digest(sources)}"
    return _run(recipe, words, checkpoint, crops, compute_loss, on_step, start, there, workers)


def train_affinity(
    sources: Sequence[Annotated],
    recipe: Recipe,
    distances: Sequence[int],
    preprocess: Input,
    checkpoint: Path,
    on_step: Callable[[Progress], None],
    start: Start | None = None,
    device: str = "cpu",
    workers: int = 0,
) -> Trainer:
    """Train the affinity network (section 3.3) on crops of ``sources``; resumes from ``checkpoint``.

    start, device, workers: as for ``train_semantic``.
    """
    there = device_named(device)
    crops, offsets = _crops(sources, recipe), channel_offsets(distances)
    weights = _kind_weights(crops, recipe, offsets).to(there)

    def compute_loss(network: DeepLabV3, step: int, batch: Batch) -> Tensor:
        phase = _phase(recipe, step)
        logits = _thinned_logits(network, preprocess(batch.images), recipe.loss_step, phase)
        kinds = pair_kinds(batch.instances, offsets, recipe.loss_step, phase)
        return affinity_loss(logits, kinds, weights)

    learnt = f"distances {tuple(distances)}, images {_digest(sources)}"
    words = f"affinity network, {recipe}, {preprocess}, {learnt}"
    return _run(recipe, words, checkpoint, crops, compute_loss, on_step, start, there, workers)


def _kind_weights(crops: Crops, recipe: Recipe, offsets: Sequence[tuple[int, int]]) -> Tensor:
    counts = torch.zeros(len(offsets), 4, dtype=torch.int64)
    if not recipe.balance:
        return torch.ones(counts.shape)
    for batch in _counting_batches(crops):
        kinds = pair_kinds(batch.instances, offsets, step=4).transpose(0, 1).flatten(1)
        counts += torch.stack([(kinds == kind).sum(dim=1) for kind in range(4)], dim=1)
    return balanced_kind_weights(counts, recipe.balance)


def _digest(sources: Sequence[Annotated]) -> str:
    """SHA-256 of all images and annotations: what a checkpoint must have been trained on to go on from."""
    total = hashlib.sha256()
    for source in sources:
        for part in (source.image, source.semantic, source.instances):
            total.update(np.ascontiguousarray(part).data)
    return total.hexdigest()


def _run(
    recipe: Recipe,
    words: str,
    checkpoint: Path,
    crops: Crops,
    compute_loss: Callable[[DeepLabV3, int, Batch], Tensor],
    on_step: Callable[[Progress], None],
    start: Start | None,
    device: torch.device,
    workers: int,
) -> Trainer:
    torch.manual_seed(recipe.seed)
    first_stride = recipe.schedule.output_stride(0)
    network = DeepLabV3(recipe.network.at_stride(first_stride))
    words += recipe.schedule.later_entries()
    if start is not None:
        words += f", start {start.digest}"
        if not checkpoint.exists():
            load_start(network, start)
    trainer = Trainer(network.to(device), recipe.schedule, checkpoint, words)
    batches = crops.ahead(range(trainer.progress.step, recipe.schedule.steps), workers)

    def seeded_loss(network: DeepLabV3, step: int) -> Tensor:
        # Dropout draws from torch's own generator: a resumed training has to drop the same.
        torch.manual_seed(recipe.seed + step)
        return compute_loss(network, step, next(batches).to(device))

    trainer.run(seeded_loss, on_step)
    trainer.network.cpu()
    return trainer
