"""Inference on a large image, tile by tile: the memory depends on the size of a tile, not of the image."""

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from models.deeplabv3 import ASPP, DeepLabV3, network_without_weights
from models.model_config import NetworkConfig


@dataclass(frozen=True)
class Tiling:
    """The size of the square tiles on which the network runs, in pixels.

    side: the side of a tile.
    margin: the width of the border of each tile whose logits are dropped, because they depend on pixels
        outside the tile. No logits are dropped at the border of the image.
    """

    side: int = 768
    margin: int = 128

    def tiles_along_axis(self, length: int, stride: int) -> Iterator["AxisTile"]:
        """Yield the tiles along an axis of ``length`` pixels. Their kept parts cover it without overlap.

        Tiles begin and end at multiples of the output stride, where logits lie; only the last tile ends at
        the end of the axis. Raises ValueError if the margins cover the whole tile.
        """
        margin = -(-self.margin // stride) * stride
        core = (self.side - 2 * margin) // stride * stride
        if core <= 0:
            raise ValueError(
                f"at output stride {stride}, two margins of {self.margin} pixels cover a whole tile of "
                f"{self.side} pixels; take larger tiles or smaller margins"
            )
        count = 1 if length <= self.side else -(-(length - 2 * margin) // core)
        for number in range(count):
            start = number * core
            last = number == count - 1
            stop = length if last else start + core + 2 * margin
            kept = slice(start + margin if number else 0, length if last else stop - margin)
            yield AxisTile(slice(start, stop), kept)


@dataclass(frozen=True)
class AxisTile:
    """The extent of one tile along one axis, in pixels of the image.

    input: the pixels on which the network runs. kept: those whose logits are kept.
    """

    input: slice
    kept: slice

    def kept_logit_slices(self, stride: int) -> tuple[slice, slice]:
        """Two slices of the kept logits: in the logits of the tile, and in those of the image."""
        first, last = self.kept.start // stride, -(-self.kept.stop // stride)
        before = self.input.start // stride
        return slice(first - before, last - before), slice(first, last)


def receptive_field_radius(config: NetworkConfig) -> int:
    """The largest distance in pixels, along an axis, at which a pixel affects a logit.

    A margin of tiles need not be larger. Image pooling is not counted, as it depends on all pixels.
    """
    network = network_without_weights(config)
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
    """Compute the logits ``network(inputs)`` (N, channels, h, w) tile by tile.

    inputs: normalised images (N, 3, H, W).
    Up to rounding, the logits equal those of the whole image if the margin is at least
    ``receptive_field_radius`` and the network has no image pooling. With a smaller margin, a logit ignores
    pixels beyond its tile; with image pooling, it depends on the mean of its tile, not of the whole image.
    """
    stride = network.config.output_stride
    height, width = inputs.shape[-2:]
    size = (-(-height // stride), -(-width // stride))
    logits = inputs.new_empty((len(inputs), network.config.channels, *size))
    for row in tiling.tiles_along_axis(height, stride):
        for column in tiling.tiles_along_axis(width, stride):
            tile = network(inputs[..., row.input, column.input])
            (tile_rows, rows), (tile_columns, columns) = (
                span.kept_logit_slices(stride) for span in (row, column)
            )
            logits[..., rows, columns] = tile[..., tile_rows, tile_columns]
    return logits
