"""Configurations of the networks in the paper: DeepLabv3 on ResNet-50 and ResNet-101.

The weights have the names and shapes of torchvision's ``deeplabv3_resnet50`` and ``deeplabv3_resnet101``.
Output stride and multi-grid change only dilations.
"""

from models.model_config import ModelError, NetworkConfig

DEPTHS = {50: (3, 4, 6, 3), 101: (3, 4, 23, 3)}
"""The number of blocks in each of the four layers, by the number in the name of the ResNet."""

MULTI_GRID = (1, 2, 4)
"""The best factors of the DeepLabv3 paper. The paper of this method gives none; we assume the same."""


def deeplabv3_resnet(
    layers: int,
    channels: int,
    output_stride: int = 16,
    multi_grid: tuple[int, ...] = MULTI_GRID,
    aspp_width: int = 256,
) -> NetworkConfig:
    """The configuration of a DeepLabv3 on ResNet-50 or ResNet-101 (``layers``) with ``channels`` outputs.

    The semantic network has 9 outputs (8 classes and background) or 19, the affinity network 56.
    torchvision's networks have 21 channels, ``output_stride`` 8 and ``multi_grid`` (1, 1, 1).
    Raises ``ModelError`` for another number of layers.
    """
    if layers not in DEPTHS:
        known = " and ".join(map(str, DEPTHS))
        raise ModelError(f"no ResNet of {layers} layers is known: there are {known}")
    return NetworkConfig(
        channels,
        block="bottleneck",
        depths=DEPTHS[layers],
        output_stride=output_stride,
        multi_grid=multi_grid,
        aspp_width=aspp_width,
        aspp_rates=(6, 12, 18),
    )
