"""What the networks are shown of an image, and what they say of it."""

from dataclasses import dataclass

import numpy as np

from bench.pipeline.regions import Box, Region
from bench.pipeline.resizing import resize_bilinear


@dataclass(frozen=True)
class View:
    """Which part of an image the networks see, and how.

    input_size: (height, width) to which the region is enlarged; mirrored: from left to right.
    """

    box: Box
    input_size: tuple[int, int]
    mirrored: bool = False

    def network_input(self, image: np.ndarray) -> np.ndarray:
        """(H, W, 3) uint8: what is seen."""
        picture = resize_bilinear(image[self.box.slices], self.input_size)
        return np.ascontiguousarray(picture[:, ::-1]) if self.mirrored else picture

    def entries(self) -> dict[str, str]:
        """The part of a cache key that says how: plain words, and only those that are needed."""
        words = {"region": str(self.box)}
        if self.input_size != self.box.size:
            words["seen"] = "{}x{}".format(*self.input_size)
        if self.mirrored:
            words["mirrored"] = "yes"
        return words


@dataclass(frozen=True)
class Prediction:
    """What a merge is made from, at the size at which it was seen.

    affinity: (K, H, W) float32 undirected probabilities, value [k, p] of the pair (p, p + offsets[k]).
    semantic: (1 + C, H, W) float32 class probabilities, background first.
    enlarged_from: (height, width) of the picture that was enlarged to H, W; None if it was not.
    """

    affinity: np.ndarray
    semantic: np.ndarray
    enlarged_from: tuple[int, int] | None = None

    @property
    def original_size(self) -> tuple[int, int]:
        """(height, width) of the picture itself."""
        return self.enlarged_from or self.semantic.shape[1:]


@dataclass(frozen=True)
class RegionPrediction:
    """One region of an image, looked at: what its graph is made from.

    region: where, and which of the pixels are its own; maps: at the size at which it was seen; mask (H, W)
    bool at that size: the pixels that its graph holds.
    """

    region: Region
    prediction: Prediction
    mask: np.ndarray
