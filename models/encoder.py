"""The residual encoder whose later layers widen their view by dilation instead of striding.

Module names follow torchvision's ResNet (conv1, bn1, layer1.0.conv1, downsample.0, ...).
"""

from dataclasses import dataclass

from torch import Tensor, nn

from models.model_config import NetworkConfig


def conv3x3(inputs: int, outputs: int, stride: int = 1, dilation: int = 1) -> nn.Conv2d:
    return nn.Conv2d(inputs, outputs, 3, stride, padding=dilation, dilation=dilation, bias=False)


def conv1x1(inputs: int, outputs: int, stride: int = 1) -> nn.Conv2d:
    return nn.Conv2d(inputs, outputs, 1, stride, bias=False)


@dataclass(frozen=True)
class Sampling:
    """How a block steps over its input: the stride, and the dilations of the convolution that takes it and
    of those that follow. Where a dilation took the stride's place, only what follows is dilated more."""

    stride: int
    before: int
    after: int


class BasicBlock(nn.Module):
    """Two 3x3 convolutions around a shortcut."""

    expansion = 1

    def __init__(self, inputs: int, width: int, sampling: Sampling, projects: bool) -> None:
        super().__init__()
        stride = sampling.stride
        self.conv1 = conv3x3(inputs, width, stride, sampling.before)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = conv3x3(width, width, dilation=sampling.after)
        self.bn2 = nn.BatchNorm2d(width)
        self.relu = nn.ReLU(inplace=True)
        self.downsample = shortcut(inputs, width, stride) if projects else None

    def forward(self, x: Tensor) -> Tensor:
        inner = self.relu(self.bn1(self.conv1(x)))
        inner = self.bn2(self.conv2(inner))
        return self.relu(inner + (x if self.downsample is None else self.downsample(x)))


class Bottleneck(nn.Module):
    """1x1 down, 3x3, 1x1 up around a shortcut; the stride sits in the 3x3."""

    expansion = 4

    def __init__(self, inputs: int, width: int, sampling: Sampling, projects: bool) -> None:
        super().__init__()
        stride, outputs = sampling.stride, width * self.expansion
        self.conv1 = conv1x1(inputs, width)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = conv3x3(width, width, stride, sampling.before)
        self.bn2 = nn.BatchNorm2d(width)
        self.conv3 = conv1x1(width, outputs)
        self.bn3 = nn.BatchNorm2d(outputs)
        self.relu = nn.ReLU(inplace=True)
        self.downsample = shortcut(inputs, outputs, stride) if projects else None

    def forward(self, x: Tensor) -> Tensor:
        inner = self.relu(self.bn1(self.conv1(x)))
        inner = self.relu(self.bn2(self.conv2(inner)))
        inner = self.bn3(self.conv3(inner))
        return self.relu(inner + (x if self.downsample is None else self.downsample(x)))


def shortcut(inputs: int, outputs: int, stride: int) -> nn.Sequential:
    return nn.Sequential(conv1x1(inputs, outputs, stride), nn.BatchNorm2d(outputs))


BLOCKS = {"basic": BasicBlock, "bottleneck": Bottleneck}


class Encoder(nn.Module):
    """ResNet without its classifier: images (N, 3, H, W) to features at the output stride.

    From the layer on whose stride would pass ``output_stride``, strides become dilations, so that the same
    weights see the same surroundings at any output stride (DeepLabv3, section 3.1 of that paper).
    """

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__()
        block = BLOCKS[config.block]
        self.conv1 = nn.Conv2d(3, config.stem_width, 7, stride=2, padding=3, bias=False)
        self.bn1 = nn.BatchNorm2d(config.stem_width)
        self.relu = nn.ReLU(inplace=True)
        self.maxpool = nn.MaxPool2d(3, stride=2, padding=1)
        inputs, reached, dilation = config.stem_width, 4, 1
        for index, (width, depth) in enumerate(zip(config.widths, config.depths, strict=True)):
            stride, first_dilation = (1 if index == 0 else 2), dilation
            if reached * stride > config.output_stride:
                dilation, stride = dilation * stride, 1
            reached *= stride
            last = index == len(config.widths) - 1
            grid = config.multi_grid if last else (1,) * depth
            blocks = []
            for position, factor in zip(range(depth), grid, strict=True):
                # Later layers project even where a dilation took the stride's place: weights fit any stride.
                projects = position == 0 and (index > 0 or inputs != width * block.expansion)
                sampling = (
                    Sampling(stride, first_dilation * factor, dilation * factor)
                    if position == 0
                    else Sampling(1, dilation * factor, dilation * factor)
                )
                blocks.append(block(inputs, width, sampling, projects))
                inputs = width * block.expansion
            setattr(self, f"layer{index + 1}", nn.Sequential(*blocks))
        self.out_channels = inputs

    def forward(self, images: Tensor) -> Tensor:
        x = self.maxpool(self.relu(self.bn1(self.conv1(images))))
        return self.layer4(self.layer3(self.layer2(self.layer1(x))))
