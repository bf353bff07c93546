"""DeepLabv3: an encoder, atrous spatial pyramid pooling (ASPP) and a head.

Module names follow torchvision's ``deeplabv3_resnet*`` (backbone, classifier.0.convs, classifier.4, ...).
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from models.encoder import Encoder, conv1x1, conv3x3
from models.model_config import NetworkConfig

RATES_STRIDE = 16
"""The output stride for which a configuration gives its atrous rates; at half of it the rates double."""


def conv_bn_relu(conv: nn.Conv2d) -> list[nn.Module]:
    """A convolution, batch normalisation and ReLU."""
    return [conv, nn.BatchNorm2d(conv.out_channels), nn.ReLU(inplace=True)]


class ImagePooling(nn.Sequential):
    """Features of the mean over the whole input, repeated at every position."""

    def __init__(self, inputs: int, width: int) -> None:
        super().__init__(nn.AdaptiveAvgPool2d(1), *conv_bn_relu(conv1x1(inputs, width)))

    def forward(self, x: Tensor) -> Tensor:
        mean = x
        for module in self:
            mean = module(mean)
        return mean.expand(-1, -1, *x.shape[-2:])


class ASPP(nn.Module):
    """Atrous spatial pyramid pooling: a 1x1 branch, a 3x3 branch for each rate, image pooling."""

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
    """Maps normalised images (N, 3, H, W) to logits (N, channels, ceil(H/s), ceil(W/s)); s: output stride."""

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
        """Change the output stride; strides and dilations change, weights do not."""
        if output_stride == self.config.output_stride:
            return
        config = self.config.at_stride(output_stride)
        target = without_weights(config)
        for own, other in zip(self.modules(), target.modules(), strict=True):
            if isinstance(own, nn.Conv2d) and isinstance(other, nn.Conv2d):
                own.stride, own.padding, own.dilation = other.stride, other.padding, other.dilation
        self.config = config


def without_weights(config: NetworkConfig) -> DeepLabV3:
    """A network on torch's device "meta": its weights have shapes but no values and take no memory."""
    with torch.device("meta"):
        return DeepLabV3(config)


def weight_shapes(network: DeepLabV3) -> dict[str, tuple[int, ...]]:
    """The shape of each weight of a network, by name."""
    return {name: tuple(weight.shape) for name, weight in network.state_dict().items()}


def use_channels_last(network: DeepLabV3) -> DeepLabV3:
    """Store the weights channels last, a memory layout that makes convolutions faster on CPUs."""
    return network.to(memory_format=torch.channels_last)  # type: ignore[call-overload, no-any-return]


def upsample(logits: Tensor, size: tuple[int, int], output_stride: int) -> Tensor:
    """Upsample logits (N, C, h, w) bilinearly to (N, C, *size), the last step of DeepLabv3.

    Each position becomes a square of ``output_stride`` pixels; pixels beyond ``size`` are cut off at the
    bottom and the right. The scale is therefore the same for every image size.
    """
    full = [side * output_stride for side in logits.shape[-2:]]
    whole = F.interpolate(logits, size=full, mode="bilinear", align_corners=False)
    return whole[..., : size[0], : size[1]]


def upsample_thinned(
    logits: Tensor, size: tuple[int, int], output_stride: int, rows: slice, columns: slice
) -> Tensor:
    """Return ``upsample(logits, size, output_stride)[..., rows, columns]`` without the other pixels.

    Bilinear interpolation is linear and separable, so it is one matrix for the rows and one for the columns.
    """

    def interpolation_matrix(inputs: int, outputs: int, kept: slice) -> Tensor:
        identity = torch.eye(inputs, device=logits.device)[None, None]
        # The second axis keeps its length, so it is not interpolated.
        whole = F.interpolate(identity, size=(inputs * output_stride, inputs), mode="bilinear")
        return whole[0, 0, :outputs][kept]

    height, width = logits.shape[-2:]
    return (
        interpolation_matrix(height, size[0], rows)
        @ logits
        @ interpolation_matrix(width, size[1], columns).T
    )
