"""DeepLabv3: encoder, atrous spatial pyramid pooling with image pooling, and a head.

Module names follow torchvision's ``deeplabv3_resnet*`` (backbone, classifier.0.convs, classifier.4, ...).
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from models.encoder import Encoder, conv1x1, conv3x3
from models.model_config import NetworkConfig

RATES_STRIDE = 16
"""Output stride at which a configuration states its atrous rates; half the stride doubles the rates."""


def normalised(conv: nn.Conv2d) -> list[nn.Module]:
    return [conv, nn.BatchNorm2d(conv.out_channels), nn.ReLU(inplace=True)]


class ImagePooling(nn.Sequential):
    """The mean over the whole input, as a feature of every position."""

    def __init__(self, inputs: int, width: int) -> None:
        super().__init__(nn.AdaptiveAvgPool2d(1), *normalised(conv1x1(inputs, width)))

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x).expand(-1, -1, *x.shape[-2:])


class ASPP(nn.Module):
    """The same features seen at several scales: 1x1, 3x3 at three atrous rates, and perhaps image pooling."""

    def __init__(self, inputs: int, width: int, rates: list[int], pooling: bool) -> None:
        super().__init__()
        atrous = [
            nn.Sequential(*normalised(conv3x3(inputs, width, dilation=rate))) for rate in rates
        ]
        point = nn.Sequential(*normalised(conv1x1(inputs, width)))
        pooled = [ImagePooling(inputs, width)] if pooling else []
        self.convs = nn.ModuleList([point, *atrous, *pooled])
        joined = width * len(self.convs)
        self.project = nn.Sequential(*normalised(conv1x1(joined, width)), nn.Dropout(0.1))

    def forward(self, x: Tensor) -> Tensor:
        return self.project(torch.cat([conv(x) for conv in self.convs], dim=1))


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
            *normalised(conv3x3(width, width)),
            nn.Conv2d(width, config.channels, 1),
        )

    def forward(self, images: Tensor) -> Tensor:
        return self.classifier(self.backbone(images))

    def set_output_stride(self, output_stride: int) -> None:
        """Run the same weights at another output stride: only strides and dilations change."""
        if output_stride == self.config.output_stride:
            return
        config = self.config.at_stride(output_stride)
        with torch.device("meta"):
            twin = DeepLabV3(config)
        for own, other in zip(self.modules(), twin.modules(), strict=True):
            if isinstance(own, nn.Conv2d):
                own.stride, own.padding, own.dilation = other.stride, other.padding, other.dilation
        self.config = config


def upsample(logits: Tensor, size: tuple[int, int], output_stride: int) -> Tensor:
    """Bilinear upsampling of logits (N, C, h, w) to (N, C, *size): the last step of DeepLabv3.

    Each position becomes ``output_stride`` pixels square, and what is more than ``size`` is cut off at the
    end: so a network answers for the same places whatever the size of the picture, multiple or not.
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
        # As many columns as there are are left as they are.
        whole = F.interpolate(identity, size=(inputs * output_stride, inputs), mode="bilinear")
        return whole[0, 0, :outputs][kept]

    height, width = logits.shape[-2:]
    return matrix(height, size[0], rows) @ logits @ matrix(width, size[1], columns).T
