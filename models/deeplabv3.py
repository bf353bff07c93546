"""DeepLabv3: an encoder, atrous spatial pyramid pooling (ASPP) and a head.

The modules have the names of torchvision's ``deeplabv3_resnet*`` (backbone, classifier.0.convs, classifier.4,
...), so that weights can be exchanged.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from models.encoder import Encoder, conv1x1, conv3x3
from models.model_config import NetworkConfig

STRIDE_OF_ASPP_RATES = 16
"""The output stride to which ``NetworkConfig.aspp_rates`` refers. At output stride s, the rates are
multiplied by STRIDE_OF_ASPP_RATES / s, so that they span the same distance in the image."""


def conv_batchnorm_relu(conv: nn.Conv2d) -> list[nn.Module]:
    """The convolution, followed by batch normalisation and ReLU."""
    return [conv, nn.BatchNorm2d(conv.out_channels), nn.ReLU(inplace=True)]


class ImagePooling(nn.Sequential):
    """A branch of ASPP: features of the mean over all positions, repeated at every position."""

    def __init__(self, inputs: int, width: int) -> None:
        super().__init__(nn.AdaptiveAvgPool2d(1), *conv_batchnorm_relu(conv1x1(inputs, width)))

    def forward(self, x: Tensor) -> Tensor:
        mean = x
        for module in self:
            mean = module(mean)
        return mean.expand(-1, -1, *x.shape[-2:])


class ASPP(nn.Module):
    """Atrous spatial pyramid pooling: parallel branches that see the input at several scales.

    The branches are a 1x1 convolution, a 3x3 convolution for each dilation in ``rates``, and, if ``pooling``,
    ``ImagePooling``. A last 1x1 convolution combines their outputs.
    """

    def __init__(self, inputs: int, width: int, rates: list[int], pooling: bool) -> None:
        super().__init__()
        atrous = [
            nn.Sequential(*conv_batchnorm_relu(conv3x3(inputs, width, dilation=rate)))
            for rate in rates
        ]
        point = nn.Sequential(*conv_batchnorm_relu(conv1x1(inputs, width)))
        pooled = [ImagePooling(inputs, width)] if pooling else []
        self.convs = nn.ModuleList([point, *atrous, *pooled])
        joined = width * len(self.convs)
        self.project = nn.Sequential(*conv_batchnorm_relu(conv1x1(joined, width)), nn.Dropout(0.1))

    def forward(self, x: Tensor) -> Tensor:
        scales = torch.cat([conv(x) for conv in self.convs], dim=1)
        projected: Tensor = self.project(scales)
        return projected


class DeepLabV3(nn.Module):
    """Computes logits (N, channels, ceil(H / s), ceil(W / s)) from normalised images (N, 3, H, W).

    s is the output stride of ``config``.
    """

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__()
        self.config = config
        self.backbone = Encoder(config)
        rates = [
            max(1, rate * STRIDE_OF_ASPP_RATES // config.output_stride)
            for rate in config.aspp_rates
        ]
        width = config.aspp_width
        self.classifier = nn.Sequential(
            ASPP(self.backbone.out_channels, width, rates, config.image_pooling),
            *conv_batchnorm_relu(conv3x3(width, width)),
            nn.Conv2d(width, config.channels, 1),
        )

    def forward(self, images: Tensor) -> Tensor:
        logits: Tensor = self.classifier(self.backbone(images))
        return logits

    def set_output_stride(self, output_stride: int) -> None:
        """Change the output stride of the network in place. The weights stay the same."""
        if output_stride == self.config.output_stride:
            return
        config = self.config.at_stride(output_stride)
        example = network_without_weights(config)
        for own, other in zip(self.modules(), example.modules(), strict=True):
            if isinstance(own, nn.Conv2d) and isinstance(other, nn.Conv2d):
                own.stride, own.padding, own.dilation = (
                    other.stride,
                    other.padding,
                    other.dilation,
                )
        self.config = config


def network_without_weights(config: NetworkConfig) -> DeepLabV3:
    """A network whose weights have shapes but no values, and take no memory (torch's device "meta")."""
    with torch.device("meta"):
        return DeepLabV3(config)


def weight_shapes(network: DeepLabV3) -> dict[str, tuple[int, ...]]:
    """The shape of each weight of a network, by the name of the weight."""
    return {name: tuple(weight.shape) for name, weight in network.state_dict().items()}


def use_channels_last(network: DeepLabV3) -> DeepLabV3:
    """Store the weights in memory with the channels last, which makes convolutions on CPUs faster."""
    return network.to(memory_format=torch.channels_last)  # type: ignore[call-overload, no-any-return]


def upsample_logits(logits: Tensor, size: tuple[int, int], output_stride: int) -> Tensor:
    """Upsample logits (N, C, h, w) bilinearly to (N, C, *size), the last step of DeepLabv3.

    Both sides are first multiplied by exactly ``output_stride``, so that the scale is the same for every
    image size. Then pixels beyond ``size`` are cut off at the bottom and at the right.
    """
    enlarged = [side * output_stride for side in logits.shape[-2:]]
    upsampled = F.interpolate(logits, size=enlarged, mode="bilinear", align_corners=False)
    return upsampled[..., : size[0], : size[1]]


def upsample_selected_pixels(
    logits: Tensor, size: tuple[int, int], output_stride: int, rows: slice, columns: slice
) -> Tensor:
    """Upsample logits like ``upsample_logits``, but compute only the pixels ``[..., rows, columns]``.

    Bilinear interpolation is a product with one matrix for the rows and another one for the columns.
    """

    def interpolation_matrix(inputs: int, outputs: int, kept: slice) -> Tensor:
        identity = torch.eye(inputs, device=logits.device)[None, None]
        # Only the first axis is interpolated, because the second one keeps its length.
        matrix = F.interpolate(identity, size=(inputs * output_stride, inputs), mode="bilinear")
        return matrix[0, 0, :outputs][kept]

    height, width = logits.shape[-2:]
    return (
        interpolation_matrix(height, size[0], rows)
        @ logits
        @ interpolation_matrix(width, size[1], columns).T
    )
