"""Configurations of the paper's size: DeepLabv3 on ResNet-50 and ResNet-101.

The weights have the names and shapes of torchvision's ``deeplabv3_resnet50`` and ``deeplabv3_resnet101``.
Output stride and multi-grid change dilations alone.
"""

from models.model_config import ModelError, NetworkConfig

DEPTHS = {50: (3, 4, 6, 3), 101: (3, 4, 23, 3)}
"""Blocks of the four layers, by the number in a ResNet's name."""

MULTI_GRID = (1, 2, 4)
"""The best factors of the DeepLabv3 paper; our paper, which gives none, presumably has the same."""


def deeplabv3_resnet(
    layers: int,
    channels: int,
    output_stride: int = 16,
    multi_grid: tuple[int, ...] = MULTI_GRID,
    aspp_width: int = 256,
) -> NetworkConfig:
    """DeepLabv3 on the ResNet of ``layers`` layers, 50 or 101, with a head of ``channels`` outputs.

    The heads of the paper have 19 or 9 outputs for classes (8 and background) and 56 for affinities.
    torchvision's networks have 21 channels, ``output_stride`` 8 and ``multi_grid`` (1, 1, 1).
    Raises ``ModelError`` for another number of layers.
    """
    if layers not in DEPTHS:
        known = " and ".join(map(str, DEPTHS))
        raise ModelError(f"no ResNet of {layers} layers is described: there are {known}")
    return NetworkConfig(
        channels,
        block="bottleneck",
        depths=DEPTHS[layers],
        output_stride=output_stride,
        multi_grid=multi_grid,
        aspp_width=aspp_width,
        aspp_rates=(6, 12, 18),
    )
