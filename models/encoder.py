"""The encoder: a ResNet in which later layers have dilated convolutions instead of strides.

Module names follow torchvision's ResNet (conv1, bn1, layer1.0.conv1, downsample.0, ...).
"""

from dataclasses import dataclass

from torch import Tensor, nn

from models.model_config import NetworkConfig


def conv3x3(inputs: int, outputs: int, stride: int = 1, dilation: int = 1) -> nn.Conv2d:
    """A 3x3 convolution, padded so that stride 1 keeps the size."""
    return nn.Conv2d(inputs, outputs, 3, stride, padding=dilation, dilation=dilation, bias=False)


def conv1x1(inputs: int, outputs: int, stride: int = 1) -> nn.Conv2d:
    """A 1x1 convolution."""
    return nn.Conv2d(inputs, outputs, 1, stride, bias=False)


@dataclass(frozen=True)
class Sampling:
    """The stride and the dilations of a block.

    stride: the stride of the block's first 3x3 convolution. before: the dilation of this convolution.
    after: the dilation of all later convolutions; larger than ``before`` in layers whose stride is replaced.
    """

    stride: int
    before: int
    after: int


class BasicBlock(nn.Module):
    """A residual block: two 3x3 convolutions, and a shortcut around both."""

    expansion = 1

    def __init__(self, inputs: int, width: int, sampling: Sampling, projects: bool) -> None:
        super().__init__()
        stride = sampling.stride
        self.conv1 = conv3x3(inputs, width, stride, sampling.before)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = conv3x3(width, width, dilation=sampling.after)
        self.bn2 = nn.BatchNorm2d(width)
        self.relu = nn.ReLU(inplace=True)
        self.downsample = projection_shortcut(inputs, width, stride) if projects else None

    def forward(self, x: Tensor) -> Tensor:
        inner = self.relu(self.bn1(self.conv1(x)))
        inner = self.bn2(self.conv2(inner))
        output: Tensor = self.relu(inner + (x if self.downsample is None else self.downsample(x)))
        return output


class Bottleneck(nn.Module):
    """A residual block: 1x1 to fewer channels, 3x3 with the stride, 1x1 to more, a shortcut around all."""

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
        self.downsample = projection_shortcut(inputs, outputs, stride) if projects else None

    def forward(self, x: Tensor) -> Tensor:
        inner = self.relu(self.bn1(self.conv1(x)))
        inner = self.relu(self.bn2(self.conv2(inner)))
        inner = self.bn3(self.conv3(inner))
        output: Tensor = self.relu(inner + (x if self.downsample is None else self.downsample(x)))
        return output


def projection_shortcut(inputs: int, outputs: int, stride: int) -> nn.Sequential:
    """The shortcut of a block whose output has another shape than its input: a strided 1x1 convolution."""
    return nn.Sequential(conv1x1(inputs, outputs, stride), nn.BatchNorm2d(outputs))


BLOCKS: dict[str, type[BasicBlock] | type[Bottleneck]] = {
    "basic": BasicBlock,
    "bottleneck": Bottleneck,
}


class Encoder(nn.Module):
    """A ResNet without its classifier: images (N, 3, H, W) to features at the output stride.

    Once the output stride is reached, later layers replace their strides by dilations. The same weights then
    have the same receptive field at any output stride (section 3.1 of the DeepLabv3 paper).
    """

    layer1: nn.Sequential
    layer2: nn.Sequential
    layer3: nn.Sequential
    layer4: nn.Sequential

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, config.stem_width, 7, stride=2, padding=3, bias=False)
        self.bn1 = nn.BatchNorm2d(config.stem_width)
        self.relu = nn.ReLU(inplace=True)
        self.maxpool = nn.MaxPool2d(3, stride=2, padding=1)
        self.out_channels, reached, dilation = config.stem_width, 4, 1
        for index, width in enumerate(config.widths):
            stride, first_dilation = (1 if index == 0 else 2), dilation
            if reached * stride > config.output_stride:
                dilation, stride = dilation * stride, 1
            reached *= stride
            layer = self._layer(config, index, width, Sampling(stride, first_dilation, dilation))
            self.add_module(f"layer{index + 1}", layer)

    def _layer(
        self, config: NetworkConfig, index: int, width: int, sampling: Sampling
    ) -> nn.Sequential:
        """The blocks of one layer; the first has the stride of ``sampling``, the others stride 1."""
        block, depth = BLOCKS[config.block], config.depths[index]
        last = index == len(config.widths) - 1
        blocks: list[nn.Module] = []
        for position, factor in enumerate(config.multi_grid if last else (1,) * depth):
            inputs = self.out_channels
            stride, before = (
                (sampling.stride, sampling.before) if position == 0 else (1, sampling.after)
            )
            # Later layers project even without a stride, so that their weights fit every output stride.
            projects = position == 0 and (index > 0 or inputs != width * block.expansion)
            dilated = Sampling(stride, before * factor, sampling.after * factor)
            blocks.append(block(inputs, width, dilated, projects))
            self.out_channels = width * block.expansion
        return nn.Sequential(*blocks)

    def forward(self, images: Tensor) -> Tensor:
        x = self.maxpool(self.relu(self.bn1(self.conv1(images))))
        features: Tensor = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return features
