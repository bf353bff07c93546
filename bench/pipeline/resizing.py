"""Resizes pictures and maps of regions of interest (section 4.3).

Regions of small height are enlarged for the networks. Their predictions are resized back.
"""

from typing import TypeVar

import numpy as np
import numpy.typing as npt
from PIL import Image

Value = TypeVar("Value", bound=np.generic)


def enlarged_size(size: tuple[int, int], height: int, max_factor: float) -> tuple[int, int]:
    """The size (height, width) after enlarging it to ``height``, by a factor of at most ``max_factor``.

    A size that is at least ``height`` high is returned unchanged.
    """
    factor = min(max_factor, height / max(1, size[0]))
    return size if factor <= 1 else (round(size[0] * factor), round(size[1] * factor))


def resize_bilinear(picture: npt.NDArray[np.uint8], size: tuple[int, int]) -> npt.NDArray[np.uint8]:
    """Resize a picture (H, W, 3) uint8 to ``size`` (height, width) by bilinear interpolation.

    Returns the same array if the picture already has this size.
    """
    if picture.shape[:2] == size:
        return picture
    return np.array(Image.fromarray(picture).resize(size[::-1], Image.Resampling.BILINEAR))


def resize_nearest(values: npt.NDArray[Value], size: tuple[int, int]) -> npt.NDArray[Value]:
    """Resize maps (..., H, W) to ``size`` (height, width): each pixel takes the value of the nearest one.

    Returns the same array if the maps already have this size.
    """
    if values.shape[-2:] == size:
        return values
    rows, columns = (
        ((np.arange(new) + 0.5) * (old / new)).astype(np.intp)
        for new, old in zip(size, values.shape[-2:], strict=True)
    )
    return values[..., rows[:, None], columns]
