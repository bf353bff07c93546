"""Tiny networks and their configurations, with all parts of the real ones."""

from dataclasses import replace

import pytest
import torch

from models.deeplabv3 import DeepLabV3
from models.model_config import MergeConfig, ModelConfig, NetworkConfig

TINY = NetworkConfig(
    channels=5,
    stem_width=4,
    widths=(4, 6, 8, 10),
    depths=(1, 1, 1, 2),
    multi_grid=(1, 2),
    aspp_width=6,
    aspp_rates=(1, 2, 3),
)


@pytest.fixture
def tiny():
    """A function that returns the configuration of a tiny network, with some entries replaced."""
    return lambda **changes: replace(TINY, **changes)


@pytest.fixture
def build():
    """A function that builds a network ready for inference, with random weights and batch statistics."""

    def make(config: NetworkConfig, seed: int = 0) -> DeepLabV3:
        torch.manual_seed(seed)
        network = DeepLabV3(config).eval().requires_grad_(False)
        for module in network.modules():
            if isinstance(module, torch.nn.BatchNorm2d):
                for part in (module.weight, module.running_var):
                    part.uniform_(0.5, 1.5)
                for part in (module.bias, module.running_mean):
                    part.normal_(std=0.1)
        return network

    return make


@pytest.fixture
def model_config(tiny):
    """The configuration of a tiny model with two classes, and three distances in two stages."""
    return ModelConfig(
        name="tiny",
        classes=("person", "car"),
        super_classes=(("person",), ("car",)),
        stages=((1, 2), (4,)),
        mean=(0.4, 0.5, 0.6),
        std=(0.2, 0.25, 0.3),
        crop=32,
        semantic=tiny(channels=3, output_stride=8),
        affinity=tiny(channels=24, output_stride=4),
        merge={"average": MergeConfig((0.9, 0.5), 20), "weighted": MergeConfig((0.8, 0.4), 30)},
    )
