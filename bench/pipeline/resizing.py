"""Resizing regions of interest: low ones are enlarged for the networks, results resized back (4.3)."""

from typing import TypeVar

import numpy as np
import numpy.typing as npt
from PIL import Image

Value = TypeVar("Value", bound=np.generic)


def enlarged_size(size: tuple[int, int], height: int, max_factor: float) -> tuple[int, int]:
    """(height, width) of ``size`` enlarged to ``height``, by at most ``max_factor``.

    A size that is high enough comes back as it is.
    """
    factor = min(max_factor, height / max(1, size[0]))
    return size if factor <= 1 else (round(size[0] * factor), round(size[1] * factor))


def resize_bilinear(picture: npt.NDArray[np.uint8], size: tuple[int, int]) -> npt.NDArray[np.uint8]:
    """A picture (H, W, 3) uint8 at ``size`` (height, width); the same array if that is its size."""
    if picture.shape[:2] == size:
        return picture
    return np.array(Image.fromarray(picture).resize(size[::-1], Image.Resampling.BILINEAR))


def resize_nearest(values: npt.NDArray[Value], size: tuple[int, int]) -> npt.NDArray[Value]:
    """Maps (..., H, W) at ``size`` (height, width), each pixel from its nearest neighbour."""
    if values.shape[-2:] == size:
        return values
    rows, columns = (
        ((np.arange(new) + 0.5) * (old / new)).astype(np.intp)
        for new, old in zip(size, values.shape[-2:], strict=True)
    )
    return values[..., rows[:, None], columns]
