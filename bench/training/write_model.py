"""Write a model folder from trained networks, with a record of the training (``training.json``)."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import numpy as np
import torch
from torch import Tensor

from bench.training.recipe import Recipe
from merge_impls.argument_checks import PAPERS_LINKAGES
from merge_impls.file_writing import atomic_write
from merge_impls.machine import describe_machine
from models.devices import device_description
from models.model_config import MergeConfig, ModelConfig
from models.model_folder import load_model, save_model
from models.training.crop_batches import AnnotatedImage
from models.training.network_metrics import measure_networks
from models.training.starting_weights import StartingWeights, blend_weights, match_weights
from models.training.training_loop import Trainer

UNTUNED_MERGE_SETTINGS = MergeConfig(thresholds=(0.97, 0.7, 0.3), min_object_pixels=50)
"""The settings of the merge in a new model, until ``python -m bench tune`` chooses better ones.

The thresholds are those of the paper (section 3.4).
"""


def write_model(
    folder: Path,
    recipe: Recipe,
    steps: Mapping[str, Sequence[Trainer]],
    tuning: Sequence[AnnotatedImage],
    classes: tuple[str, ...],
    super_classes: tuple[tuple[str, ...], ...],
    starts: Mapping[str, StartingWeights] | None = None,
    device: str = "cpu",
) -> None:
    """Write a model folder, and ``training.json``, which records the training and the networks' accuracy.

    steps: the trainers of the steps of each network. The last one has trained the network of the model.
    tuning: the images on which the accuracy is measured. starts: the starting weights of networks that did
    not start from random weights. device: the device that trained the networks.
    """
    starts = starts or {}
    trainers = {name: of_steps[-1] for name, of_steps in steps.items()}
    weights = {name: trainer.network.state_dict() for name, trainer in trainers.items()}
    kept = _blend_starting_weights(recipe, starts, weights)
    save_model(folder, _model_config(recipe, trainers, classes, super_classes), weights)
    record = {
        "recipe": recipe.text,
        **({"smoke": True} if recipe.smoke else {}),
        "seed": recipe.semantic.seed,
        "networks": {
            name: _network_record(of_steps, starts.get(name), kept.get(name))
            for name, of_steps in steps.items()
        },
        "tuning_slice": {"images": len(tuning), **measure_networks(load_model(folder), tuning)},
        "machine": describe_machine(),
        "device": device_description(device),
        "torch": torch.__version__,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    with atomic_write(folder / "training.json") as partial:
        partial.write_text(json.dumps(record, indent=1, allow_nan=False) + "\n")


def _blend_starting_weights(
    recipe: Recipe, starts: Mapping[str, StartingWeights], weights: dict[str, dict[str, Tensor]]
) -> dict[str, float]:
    """Replace trained weights in ``weights`` by their mean with the starting weights, as the recipe demands.

    Returns the share of the starting weights for each network whose weights were replaced.
    """
    kept = {
        name: share
        for name, share in recipe.starting_weight_shares.items()
        if _has_all_starting_weights(name, starts, weights)
    }
    for name, share in kept.items():
        weights[name] = blend_weights(weights[name], starts[name], share)
    return kept


def _has_all_starting_weights(
    name: str,
    starts: Mapping[str, StartingWeights],
    weights: Mapping[str, Mapping[str, Tensor]],
) -> bool:
    """Whether each weight of a network had a starting weight. If only some had one, a line is printed."""
    start = starts.get(name)
    has_all = start is not None and weights[name].keys() <= start.weights.keys()
    if start is not None and not has_all:
        click.echo(
            f"{name}: the file of starting weights lacks some weights of the network, so `keep` is ignored"
        )
    return has_all


def _model_config(
    recipe: Recipe,
    trainers: Mapping[str, Trainer],
    classes: tuple[str, ...],
    super_classes: tuple[tuple[str, ...], ...],
) -> ModelConfig:
    strides = {name: trainer.network.config.output_stride for name, trainer in trainers.items()}
    return ModelConfig(
        name=recipe.name,
        classes=classes,
        super_classes=super_classes,
        stages=recipe.stages,
        mean=recipe.normalisation.mean,
        std=recipe.normalisation.std,
        crop=recipe.semantic.crop,
        semantic=recipe.semantic.network.at_stride(strides["semantic"]),
        affinity=recipe.affinity.network.at_stride(strides["affinity"]),
        merge=dict.fromkeys(PAPERS_LINKAGES, UNTUNED_MERGE_SETTINGS),
        stretch=recipe.stretch,
        enlarge_to=recipe.enlarge_to,
    )


def _network_record(
    steps: Sequence[Trainer], start: StartingWeights | None, keep: float | None
) -> dict[str, Any]:
    """The entry of one network in ``training.json``: that of its last step, and those of the earlier steps.

    start: the weights that the first step started from. keep: the share of them that is kept.
    """
    entry = _training_record(steps[-1])
    if len(steps) > 1:
        entry["earlier_steps"] = [_training_record(trainer) for trainer in steps[:-1]]
    if start is not None:
        loaded = len(match_weights(steps[0].network.config, start).loaded)
        entry["start"] = {"file": start.path.name, "sha256": start.digest, "loaded": loaded}
    if keep is not None:
        entry["kept_of_start"] = keep
    return entry


def _training_record(trainer: Trainer, points: int = 100) -> dict[str, Any]:
    """The size of a network, the steps and seconds of its training, and the mean losses of intervals.

    points: the number of intervals of equal length.
    """
    losses = np.asarray(trainer.progress.losses)
    intervals = np.array_split(losses, min(points, len(losses)))
    return {
        "parameters": sum(weight.numel() for weight in trainer.network.parameters()),
        "steps": len(losses),
        "seconds": round(trainer.progress.seconds, 1),
        "losses": [round(float(interval.mean()), 5) for interval in intervals],
    }
