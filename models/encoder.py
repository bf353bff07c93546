"""The encoder: a ResNet in which later layers have dilated convolutions instead of strides.

The modules have the names of torchvision's ResNet (conv1, bn1, layer1.0.conv1, downsample.0, ...), so that
weights can be exchanged.
"""

from dataclasses import dataclass

from torch import Tensor, nn

from models.model_config import NetworkConfig


def conv3x3(inputs: int, outputs: int, stride: int = 1, dilation: int = 1) -> nn.Conv2d:
    """A 3x3 convolution without bias, padded so that at stride 1 the output has the size of the input."""
    return nn.Conv2d(inputs, outputs, 3, stride, padding=dilation, dilation=dilation, bias=False)


def conv1x1(inputs: int, outputs: int, stride: int = 1) -> nn.Conv2d:
    """A 1x1 convolution without bias."""
    return nn.Conv2d(inputs, outputs, 1, stride, bias=False)


@dataclass(frozen=True)
class StrideAndDilations:
    """The stride and the dilations of the 3x3 convolutions in a block or in a layer.

    stride: the stride of the first convolution; the later ones have stride 1.
    first_dilation: the dilation of the first convolution.
    later_dilation: the dilation of all later convolutions. It is larger than ``first_dilation`` where a
        dilation replaces the stride.
    """

    stride: int
    first_dilation: int
    later_dilation: int


class BasicBlock(nn.Module):
    """A residual block: two 3x3 convolutions, and a shortcut around both."""

    expansion = 1

    def __init__(
        self, inputs: int, width: int, sampling: StrideAndDilations, has_projection: bool
    ) -> None:
        super().__init__()
        stride = sampling.stride
        self.conv1 = conv3x3(inputs, width, stride, sampling.first_dilation)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = conv3x3(width, width, dilation=sampling.later_dilation)
        self.bn2 = nn.BatchNorm2d(width)
        self.relu = nn.ReLU(inplace=True)
        self.downsample = projection_shortcut(inputs, width, stride) if has_projection else None

    def forward(self, x: Tensor) -> Tensor:
        inner = self.relu(self.bn1(self.conv1(x)))
        inner = self.bn2(self.conv2(inner))
        output: Tensor = self.relu(inner + (x if self.downsample is None else self.downsample(x)))
        return output


class Bottleneck(nn.Module):
    """A residual block: three convolutions (1x1, 3x3, 1x1), and a shortcut around all three.

    The first convolution reduces the channels to ``width``, the second one has the stride, and the third one
    raises the channels to ``width * expansion``.
    """

    expansion = 4

    def __init__(
        self, inputs: int, width: int, sampling: StrideAndDilations, has_projection: bool
    ) -> None:
        super().__init__()
        stride, outputs = sampling.stride, width * self.expansion
        self.conv1 = conv1x1(inputs, width)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = conv3x3(width, width, stride, sampling.first_dilation)
        self.bn2 = nn.BatchNorm2d(width)
        self.conv3 = conv1x1(width, outputs)
        self.bn3 = nn.BatchNorm2d(outputs)
        self.relu = nn.ReLU(inplace=True)
        self.downsample = projection_shortcut(inputs, outputs, stride) if has_projection else None

    def forward(self, x: Tensor) -> Tensor:
        inner = self.relu(self.bn1(self.conv1(x)))
        inner = self.relu(self.bn2(self.conv2(inner)))
        inner = self.bn3(self.conv3(inner))
        output: Tensor = self.relu(inner + (x if self.downsample is None else self.downsample(x)))
        return output


def projection_shortcut(inputs: int, outputs: int, stride: int) -> nn.Sequential:
    """The shortcut of a block that changes the shape of its input: a 1x1 convolution with a stride."""
    return nn.Sequential(conv1x1(inputs, outputs, stride), nn.BatchNorm2d(outputs))


BLOCK_TYPES: dict[str, type[BasicBlock] | type[Bottleneck]] = {
    "basic": BasicBlock,
    "bottleneck": Bottleneck,
}


class Encoder(nn.Module):
    """A ResNet without its classifier: computes features at the output stride from images (N, 3, H, W).

    Once the output stride is reached, all later layers have stride 1 and larger dilations instead. So the
    same weights have the same receptive field at any output stride (section 3.1 of the DeepLabv3 paper).
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
        # The first convolution and the pooling halve the image twice, so the stride is 4 here.
        self.out_channels, reached_stride, dilation = config.stem_width, 4, 1
        for index, width in enumerate(config.widths):
            stride, first_dilation = (1 if index == 0 else 2), dilation
            if reached_stride * stride > config.output_stride:
                dilation, stride = dilation * stride, 1
            reached_stride *= stride
            layer = self._build_layer(
                config, index, width, StrideAndDilations(stride, first_dilation, dilation)
            )
            self.add_module(f"layer{index + 1}", layer)

    def _build_layer(
        self, config: NetworkConfig, index: int, width: int, sampling: StrideAndDilations
    ) -> nn.Sequential:
        """The blocks of one layer. Only the first 3x3 convolution of the layer has a stride."""
        block, depth = BLOCK_TYPES[config.block], config.depths[index]
        last = index == len(config.widths) - 1
        blocks: list[nn.Module] = []
        for position, factor in enumerate(config.multi_grid if last else (1,) * depth):
            inputs = self.out_channels
            stride, first_dilation = 1, sampling.later_dilation
            if position == 0:
                stride, first_dilation = sampling.stride, sampling.first_dilation
            # Layers 2 to 4 have a projection even at stride 1, so that one set of weights fits all strides.
            has_projection = position == 0 and (index > 0 or inputs != width * block.expansion)
            own = StrideAndDilations(
                stride, first_dilation * factor, sampling.later_dilation * factor
            )
            blocks.append(block(inputs, width, own, has_projection))
            self.out_channels = width * block.expansion
        return nn.Sequential(*blocks)

    def forward(self, images: Tensor) -> Tensor:
        x = self.maxpool(self.relu(self.bn1(self.conv1(images))))
        features: Tensor = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return features
