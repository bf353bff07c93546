"""Configurations of the networks in the paper: DeepLabv3 on ResNet-50 and ResNet-101.

Weights of torchvision's ``deeplabv3_resnet50`` and ``deeplabv3_resnet101`` fit these networks: all names and
shapes are the same. The output stride and the multi-grid factors change only strides and dilations.
"""

from models.model_config import ModelError, NetworkConfig

DEPTHS = {50: (3, 4, 6, 3), 101: (3, 4, 23, 3)}
"""The number of blocks in each of the four layers of ResNet-50 and of ResNet-101."""

MULTI_GRID = (1, 2, 4)
"""The multi-grid factors that are best in the DeepLabv3 paper. Liu et al. do not name their factors, so we
assume these."""


def deeplabv3_resnet_config(
    layers: int,
    channels: int,
    output_stride: int = 16,
    multi_grid: tuple[int, ...] = MULTI_GRID,
    aspp_width: int = 256,
) -> NetworkConfig:
    """The configuration of a DeepLabv3 on ResNet-50 or ResNet-101.

    layers: 50 or 101. Raises ``ModelError`` for another number.
    channels: the number of outputs for each pixel: 56 for the affinity network; for the semantic network 9
        (8 classes and background) or 19 (all classes of Cityscapes).
    torchvision's networks have 21 channels, ``output_stride`` 8 and ``multi_grid`` (1, 1, 1).
    """
    if layers not in DEPTHS:
        known = " or ".join(map(str, DEPTHS))
        raise ModelError(f"layers is {layers}; it must be {known}")
    return NetworkConfig(
        channels,
        block="bottleneck",
        depths=DEPTHS[layers],
        output_stride=output_stride,
        multi_grid=multi_grid,
        aspp_width=aspp_width,
        aspp_rates=(6, 12, 18),
    )
