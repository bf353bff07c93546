"""A large picture in overlapping tiles: what a network takes in memory is then bounded by the tile."""

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from models.deeplabv3 import DeepLabV3
from models.model_config import NetworkConfig


@dataclass(frozen=True)
class Tiling:
    """side: of the square that a network sees at once; margin: how much of it, at each side where the picture
    goes on, only serves to see what lies beside. Both in pixels."""

    side: int = 768
    margin: int = 128

    def spans(self, length: int, stride: int) -> Iterator["Span"]:
        """The tiles along a side of ``length`` pixels; what they keep covers it without overlap.

        All but the last end at a multiple of the output stride, for a network looks at every ``stride``-th
        pixel from the first that it sees. Raises ValueError if no pixel would be left between the margins.
        """
        margin = -(-self.margin // stride) * stride
        core = (self.side - 2 * margin) // stride * stride
        if core <= 0:
            raise ValueError(
                f"tiles of {self.side} pixels keep none between margins of {self.margin} at output stride "
                f"{stride}; take larger tiles or smaller margins"
            )
        count = 1 if length <= self.side else -(-(length - 2 * margin) // core)
        for number in range(count):
            start = number * core
            last = number == count - 1
            stop = length if last else start + core + 2 * margin
            kept = slice(start + margin if number else 0, length if last else stop - margin)
            yield Span(slice(start, stop), kept)


@dataclass(frozen=True)
class Span:
    """One tile along one axis, in pixels of the picture: what is seen, and what of that is kept."""

    seen: slice
    kept: slice

    def answers(self, stride: int) -> tuple[slice, slice]:
        """Where the kept logits lie in those of the tile, and in those of the picture."""
        first, last = self.kept.start // stride, -(-self.kept.stop // stride)
        before = self.seen.start // stride
        return slice(first - before, last - before), slice(first, last)


def receptive_field(config: NetworkConfig) -> int:
    """How many pixels a logit sees to each side of its own: no margin needs to be larger.

    Image pooling, which sees everything, is left out of account.
    """
    with torch.device("meta"):
        network = DeepLabV3(config)
    reach, step = 0, 1
    for name, module in network.backbone.named_modules():
        if isinstance(module, nn.Conv2d | nn.MaxPool2d) and ".downsample." not in name:
            size, stride, dilation = (
                value if isinstance(value, int) else value[0]
                for value in (module.kernel_size, module.stride, module.dilation)
            )
            reach += size // 2 * dilation * step
            step *= stride
    pyramid = [m for m in network.classifier[0].modules() if isinstance(m, nn.Conv2d)]
    widest = max(conv.kernel_size[0] // 2 * conv.dilation[0] for conv in pyramid)
    head = network.classifier[1].kernel_size[0] // 2
    return reach + (widest + head) * step


@torch.inference_mode()
def tiled(network: DeepLabV3, inputs: Tensor, tiling: Tiling) -> Tensor:
    """What ``network`` says of normalised pictures (N, 3, H, W), tile by tile: logits (N, channels, h, w) as
    from ``network(inputs)``.

    They are equal up to rounding where the margin is no smaller than ``receptive_field`` and the network has
    no image pooling; a smaller margin cuts off what lies further away, and pooling is over each tile.
    """
    stride = network.config.output_stride
    height, width = inputs.shape[-2:]
    size = (-(-height // stride), -(-width // stride))
    logits = inputs.new_empty((len(inputs), network.config.channels, *size))
    for row in tiling.spans(height, stride):
        for column in tiling.spans(width, stride):
            answer = network(inputs[..., row.seen, column.seen])
            (top, into_rows), (left, into_columns) = row.answers(stride), column.answers(stride)
            logits[..., into_rows, into_columns] = answer[..., top, left]
    return logits
