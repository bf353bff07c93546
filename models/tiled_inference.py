"""Inference on a large image tile by tile, so that the size of a tile bounds the memory."""

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from models.deeplabv3 import ASPP, DeepLabV3, without_weights
from models.model_config import NetworkConfig


@dataclass(frozen=True)
class Tiling:
    """The size of tiles, in pixels.

    side: the side of a tile, the square on which the network runs at once.
    margin: the width of the border of a tile in which logits are dropped, because they depend on pixels
        outside the tile. At the border of the image nothing is dropped.
    """

    side: int = 768
    margin: int = 128

    def spans(self, length: int, stride: int) -> Iterator["Span"]:
        """Yield the tiles along an axis of ``length`` pixels; their kept parts cover it without overlap.

        Tiles begin, and all but the last end, at multiples of the output stride, because logits lie at every
        ``stride``-th pixel. Raises ValueError if the margins leave no pixel.
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
    """One tile along one axis, in pixels of the image: the input, and the part whose logits are kept."""

    input: slice
    kept: slice

    def kept_logit_slices(self, stride: int) -> tuple[slice, slice]:
        """The slices of the kept logits in the logits of the tile and in those of the image."""
        first, last = self.kept.start // stride, -(-self.kept.stop // stride)
        before = self.input.start // stride
        return slice(first - before, last - before), slice(first, last)


def receptive_field(config: NetworkConfig) -> int:
    """The largest distance in pixels, along an axis, at which a pixel affects a logit.

    No margin of tiles needs to be larger. Image pooling, which depends on all pixels, is not counted.
    """
    network = without_weights(config)
    reach, spacing = 0, 1
    for name, module in network.backbone.named_modules():
        if isinstance(module, nn.Conv2d | nn.MaxPool2d) and ".downsample." not in name:
            size, stride, dilation = (
                value if isinstance(value, int) else value[0]
                for value in (module.kernel_size, module.stride, module.dilation)
            )
            reach += size // 2 * dilation * spacing
            spacing *= stride
    pyramid, head = network.classifier[0], network.classifier[1]
    assert isinstance(pyramid, ASPP) and isinstance(head, nn.Conv2d)
    convolutions = [module for module in pyramid.modules() if isinstance(module, nn.Conv2d)]
    widest = max(conv.kernel_size[0] // 2 * conv.dilation[0] for conv in convolutions)
    return reach + (widest + head.kernel_size[0] // 2) * spacing


@torch.inference_mode()
def run_in_tiles(network: DeepLabV3, inputs: Tensor, tiling: Tiling) -> Tensor:
    """The logits (N, channels, h, w) of ``network(inputs)``, computed tile by tile.

    inputs: normalised images (N, 3, H, W).
    The logits equal those of the whole image up to rounding if the margin is at least ``receptive_field`` and
    the network has no image pooling. A smaller margin ignores pixels further away, and image pooling averages
    over each tile.
    """
    stride = network.config.output_stride
    height, width = inputs.shape[-2:]
    size = (-(-height // stride), -(-width // stride))
    logits = inputs.new_empty((len(inputs), network.config.channels, *size))
    for row in tiling.spans(height, stride):
        for column in tiling.spans(width, stride):
            tile = network(inputs[..., row.input, column.input])
            (tile_rows, rows), (tile_columns, columns) = (
                span.kept_logit_slices(stride) for span in (row, column)
            )
            logits[..., rows, columns] = tile[..., tile_rows, tile_columns]
    return logits
