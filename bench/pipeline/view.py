"""The input of the networks: a box of an image, resized and perhaps mirrored (sections 4.1, 4.3, 5.3)."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bench.pipeline.resizing import resize_bilinear


@dataclass(frozen=True)
class Box:
    """A box of an image in pixels: the rows top..bottom - 1 and the columns left..right - 1."""

    top: int
    left: int
    bottom: int
    right: int

    @property
    def slices(self) -> tuple[slice, slice]:
        """The box as an index into an (H, W, ...) array."""
        return slice(self.top, self.bottom), slice(self.left, self.right)

    @property
    def size(self) -> tuple[int, int]:
        """(height, width) in pixels."""
        return self.bottom - self.top, self.right - self.left

    def __str__(self) -> str:
        return f"{self.top}:{self.bottom},{self.left}:{self.right}"


@dataclass(frozen=True)
class View:
    """A box of an image, resized and perhaps mirrored, as input of the networks.

    input_size: (height, width) in pixels to which the box is resized.
    mirrored: whether left and right are exchanged.
    tile: the side in pixels of the tiles in which the networks run; 0 for no tiles.
    """

    box: Box
    input_size: tuple[int, int]
    mirrored: bool = False
    tile: int = 0

    @property
    def is_tiled(self) -> bool:
        """Whether the input is larger than a tile."""
        return 0 < self.tile < max(self.input_size)

    def network_input(self, image: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
        """The picture that the networks get, (H, W, 3) uint8."""
        picture = resize_bilinear(image[self.box.slices], self.input_size)
        return np.ascontiguousarray(picture[:, ::-1]) if self.mirrored else picture

    def cache_key_entries(self) -> dict[str, str]:
        """The entries of a cache key that describe the view.

        Input size, mirroring and tiles are left out if they change nothing.
        """
        entries = {"region": str(self.box)}
        if self.input_size != self.box.size:
            entries["seen"] = "{}x{}".format(*self.input_size)
        if self.mirrored:
            entries["mirrored"] = "yes"
        if self.is_tiled:
            entries["tiles"] = str(self.tile)
        return entries
