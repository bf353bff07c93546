"""What the networks are shown of an image, and what they predict for it."""

from dataclasses import dataclass, replace

import numpy as np

from bench.pipeline.regions import Box, Region
from bench.pipeline.resizing import resize_bilinear, resize_nearest
from bench.types import RgbImage, Size
from merge_impls.arrays import BoolArray, Float32Array


@dataclass(frozen=True)
class View:
    """A box of an image as the networks are shown it.

    input_size: (height, width) to which the box is resized. mirrored: whether left and right are exchanged.
    """

    box: Box
    input_size: Size
    mirrored: bool = False

    def network_input(self, image: RgbImage) -> RgbImage:
        """The pixels that the networks are shown, (H, W, 3) uint8."""
        picture = resize_bilinear(image[self.box.slices], self.input_size)
        return np.ascontiguousarray(picture[:, ::-1]) if self.mirrored else picture

    def entries(self) -> dict[str, str]:
        """The view's part of a cache key. What is as usual has no entry, so that old keys stay valid."""
        entries = {"region": str(self.box)}
        if self.input_size != self.box.size:
            entries["seen"] = "{}x{}".format(*self.input_size)
        if self.mirrored:
            entries["mirrored"] = "yes"
        return entries


@dataclass(frozen=True)
class Prediction:
    """Affinities and class probabilities of a picture (sections 3.2 and 3.3), at the networks' input size.

    affinity: (K, H, W) float32 undirected probabilities, value [k, p] of the pair (p, p + offsets[k]).
    semantic: (1 + C, H, W) float32 class probabilities, background first.
    enlarged_from: (height, width) of the picture if it was enlarged to (H, W), else None.
    """

    affinity: Float32Array
    semantic: Float32Array
    enlarged_from: Size | None = None

    @property
    def size(self) -> Size:
        """(height, width) of the maps."""
        height, width = self.semantic.shape[1:]
        return height, width

    @property
    def original_size(self) -> Size:
        """(height, width) of the picture before it was enlarged."""
        return self.enlarged_from or self.size

    def of_picture(self, size: Size) -> "Prediction":
        """The same, with the (height, width) of the picture noted where the maps have another."""
        return self if self.size == size else replace(self, enlarged_from=size)

    def at_original_size(self) -> "Prediction":
        """The maps resized to the picture, to be shown. They must not be merged: the offsets of the
        affinities still count pixels of the enlarged picture."""
        if self.enlarged_from is None:
            return self
        return Prediction(
            resize_nearest(self.affinity, self.enlarged_from),
            resize_nearest(self.semantic, self.enlarged_from),
        )


@dataclass(frozen=True)
class RegionPrediction:
    """A region of an image with its prediction: what its graph is made from.

    mask: (H, W) bool, at the size of the prediction: the pixels that the graph holds.
    """

    region: Region
    prediction: Prediction
    mask: BoolArray
