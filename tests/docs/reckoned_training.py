"""What the training of a recipe of the paper takes, reckoned from its steps and the size of its networks.

Nothing is measured: the operations of the networks are counted, and a GPU is assumed to compute
``OPERATIONS_A_SECOND``.
"""

from collections import Counter
from functools import cache

import pandas as pd
import torch
from torch.utils.flop_counter import FlopCounterMode

from bench.training.recipe import read_recipe, recipe_path
from models.deeplabv3 import network_without_weights
from models.model_folder import NETWORKS

RECIPE = "paper-resnet101"

OPERATIONS_A_SECOND = 50e12
"""Additions and multiplications that a GPU is assumed to compute in a second, in the mean of a training."""

OPERATIONS_BACKWARD = 2
"""The operations of the gradients of a network, in multiples of those of its logits."""

BYTES_OF_WEIGHT = 4


@cache
def operations_of_logits(config, crop):
    """The additions and multiplications that the logits of one crop take."""
    network = network_without_weights(config)
    with FlopCounterMode(display=False) as counter:
        network(torch.empty(2, 3, crop, crop, device="meta"))
    return counter.get_total_flops() / 2


def reckoned_training():
    """The steps, operations and hours of each network at each output stride, and of all together.

    Columns: network, output stride, steps, operations, hours, hours4: texts. The operations are those of a
    crop in 10^12; the hours are those on 1 and on 4 GPUs.
    """
    recipe, rows, total = read_recipe(recipe_path(RECIPE)), [], 0.0
    for network in NETWORKS:
        for stride, steps in steps_by_stride(recipe, network).items():
            settings = recipe.settings_of_network(network)
            logits = operations_of_logits(settings.network.at_stride(stride), settings.crop)
            operations = (1 + OPERATIONS_BACKWARD) * logits
            hours = operations * settings.batch * steps / OPERATIONS_A_SECOND / 3600
            total += hours
            rows.append([network, str(stride), f"{steps:,}", f"{operations / 1e12:.2f}", hours])
    rows.append(["together", "", "", "", total])
    return pd.DataFrame(
        [[*row[:4], f"{row[4]:.0f}", f"{row[4] / 4:.0f}"] for row in rows],
        columns=[
            "network",
            "output stride",
            "steps",
            "10¹² operations a crop",
            "hours on 1 GPU",
            "on 4 GPUs",
        ],
    )


def steps_by_stride(recipe, network):
    """The number of steps of a network at each output stride."""
    steps = Counter()
    for step in recipe.steps_of_network(network):
        for phase in step.settings.schedule.phases:
            steps[phase.output_stride] += phase.steps
    return steps


def reckoned_disk():
    """The gigabytes of all checkpoints and of the model; a checkpoint has weights and their momentum.

    Columns: what, GB: texts.
    """
    recipe = read_recipe(recipe_path(RECIPE))
    weights = {
        name: BYTES_OF_WEIGHT
        * sum(
            weight.numel()
            for weight in network_without_weights(recipe.settings_of_network(name).network)
            .state_dict()
            .values()
        )
        for name in NETWORKS
    }
    checkpoints = [2 * weights[name] for name in NETWORKS for _ in recipe.steps_of_network(name)]
    needed = {
        "checkpoints": sum(checkpoints)
        + max(checkpoints),  # an old one stays until the new one is there
        "model": sum(weights.values()),
    }
    return pd.DataFrame(
        [[name, f"{size / 1e9:.1f}"] for name, size in needed.items()], columns=["what", "GB"]
    )
