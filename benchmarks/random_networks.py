"""The paper's networks with random weights, for measurements that need their size but no training."""

from dataclasses import replace
from pathlib import Path

import torch

from bench import paths
from models.deeplabv3 import DeepLabV3
from models.model_config import NetworkConfig, read_config
from models.model_folder import NETWORKS, save_model
from models.paper_network_configs import deeplabv3_resnet_config

SHAPES_FROM = "scenes"
"""The committed model whose classes and distances the random model has."""


def random_model_folder(folder: Path, layers: int, image_pooling: bool = True) -> Path:
    """Write a model of two DeepLabv3 with random weights, at output stride 8, and return its folder.

    layers: 50 for ResNet-50, 101 for ResNet-101.
    """
    known = read_config(paths.model_folder(SHAPES_FROM) / "model.toml")
    configs = {
        name: replace(
            deeplabv3_resnet_config(layers, getattr(known, name).channels, output_stride=8),
            image_pooling=image_pooling,
        )
        for name in NETWORKS
    }
    weights = {name: random_network(config).state_dict() for name, config in configs.items()}
    folder.mkdir(parents=True, exist_ok=True)
    save_model(folder, replace(known, name="random", **configs), weights)
    return folder


def random_network(config: NetworkConfig) -> DeepLabV3:
    """A network for inference with random weights that keep the scale of activations."""
    torch.manual_seed(0)
    network = DeepLabV3(config).eval().requires_grad_(False)
    for name, weight in network.named_parameters():
        if weight.ndim == 4:
            torch.nn.init.kaiming_normal_(weight)
        elif name.endswith(("bn3.weight", "bn2.weight")):
            weight.fill_(0.5)  # otherwise the sum over 33 blocks grows without bounds
    return network.to(memory_format=torch.channels_last)  # type: ignore[call-overload, no-any-return]
