"""DeepLabv3: encoder, atrous spatial pyramid pooling with image pooling, and a head.

Module names follow torchvision's ``deeplabv3_resnet*`` (backbone, classifier.0.convs, classifier.4, ...).
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from models.encoder import Encoder, conv1x1, conv3x3
from models.model_config import NetworkConfig

RATES_STRIDE = 16
"""Output stride at which a configuration gives its atrous rates; half the stride doubles the rates."""


def conv_bn_relu(conv: nn.Conv2d) -> list[nn.Module]:
    """A convolution, batch normalisation and ReLU."""
    return [conv, nn.BatchNorm2d(conv.out_channels), nn.ReLU(inplace=True)]


class ImagePooling(nn.Sequential):
    """The mean over the whole input, as a feature of every position."""

    def __init__(self, inputs: int, width: int) -> None:
        super().__init__(nn.AdaptiveAvgPool2d(1), *conv_bn_relu(conv1x1(inputs, width)))

    def forward(self, x: Tensor) -> Tensor:
        mean = x
        for module in self:
            mean = module(mean)
        return mean.expand(-1, -1, *x.shape[-2:])


class ASPP(nn.Module):
    """Atrous spatial pyramid pooling: 1x1, 3x3 at each atrous rate, and image pooling if asked for."""

    def __init__(self, inputs: int, width: int, rates: list[int], pooling: bool) -> None:
        super().__init__()
        atrous = [
            nn.Sequential(*conv_bn_relu(conv3x3(inputs, width, dilation=rate))) for rate in rates
        ]
        point = nn.Sequential(*conv_bn_relu(conv1x1(inputs, width)))
        pooled = [ImagePooling(inputs, width)] if pooling else []
        self.convs = nn.ModuleList([point, *atrous, *pooled])
        joined = width * len(self.convs)
        self.project = nn.Sequential(*conv_bn_relu(conv1x1(joined, width)), nn.Dropout(0.1))

    def forward(self, x: Tensor) -> Tensor:
        scales = torch.cat([conv(x) for conv in self.convs], dim=1)
        projected: Tensor = self.project(scales)
        return projected


class DeepLabV3(nn.Module):
    """Images (N, 3, H, W), normalised, to logits (N, channels, ceil(H/s), ceil(W/s)) at output stride s."""

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__()
        self.config = config
        self.backbone = Encoder(config)
        rates = [max(1, rate * RATES_STRIDE // config.output_stride) for rate in config.aspp_rates]
        width = config.aspp_width
        self.classifier = nn.Sequential(
            ASPP(self.backbone.out_channels, width, rates, config.image_pooling),
            *conv_bn_relu(conv3x3(width, width)),
            nn.Conv2d(width, config.channels, 1),
        )

    def forward(self, images: Tensor) -> Tensor:
        logits: Tensor = self.classifier(self.backbone(images))
        return logits

    def set_output_stride(self, output_stride: int) -> None:
        """Run the same weights at another output stride: only strides and dilations change."""
        if output_stride == self.config.output_stride:
            return
        config = self.config.at_stride(output_stride)
        twin = without_weights(config)
        for own, other in zip(self.modules(), twin.modules(), strict=True):
            if isinstance(own, nn.Conv2d) and isinstance(other, nn.Conv2d):
                own.stride, own.padding, own.dilation = other.stride, other.padding, other.dilation
        self.config = config


def without_weights(config: NetworkConfig) -> DeepLabV3:
    """A network whose weights have shapes but no values and take no memory."""
    with torch.device("meta"):
        return DeepLabV3(config)


def weight_shapes(network: DeepLabV3) -> dict[str, tuple[int, ...]]:
    """The names and shapes of a network's weights."""
    return {name: tuple(weight.shape) for name, weight in network.state_dict().items()}


def use_channels_last(network: DeepLabV3) -> DeepLabV3:
    """Lay the weights out for convolutions whose channels vary fastest in memory, the faster ones on CPUs."""
    return network.to(memory_format=torch.channels_last)  # type: ignore[call-overload, no-any-return]


def upsample(logits: Tensor, size: tuple[int, int], output_stride: int) -> Tensor:
    """Bilinear upsampling of logits (N, C, h, w) to (N, C, *size): the last step of DeepLabv3.

    Each position becomes ``output_stride`` pixels square, and what exceeds ``size`` is cut off at the bottom
    and right. So positions are the same in images of any size, multiples of the stride or not.
    """
    full = [side * output_stride for side in logits.shape[-2:]]
    whole = F.interpolate(logits, size=full, mode="bilinear", align_corners=False)
    return whole[..., : size[0], : size[1]]


def upsample_thinned(
    logits: Tensor, size: tuple[int, int], output_stride: int, rows: slice, columns: slice
) -> Tensor:
    """``upsample(logits, size, output_stride)[..., rows, columns]`` without computing the rest.

    Bilinear interpolation is separable and linear: one matrix for the rows, one for the columns.
    """

    def matrix(inputs: int, outputs: int, kept: slice) -> Tensor:
        identity = torch.eye(inputs, device=logits.device)[None, None]
        # The other axis keeps its length, so that it is not interpolated.
        whole = F.interpolate(identity, size=(inputs * output_stride, inputs), mode="bilinear")
        return whole[0, 0, :outputs][kept]

    height, width = logits.shape[-2:]
    return matrix(height, size[0], rows) @ logits @ matrix(width, size[1], columns).T
