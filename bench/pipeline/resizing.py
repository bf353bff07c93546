"""Resizing ROIs: what is low is enlarged for the networks, and comes back (section 4.3)."""

import numpy as np
from PIL import Image


def enlarged_size(size: tuple[int, int], height: int, most: float) -> tuple[int, int]:
    """(height, width) to which what is lower than ``height`` is enlarged, by at most ``most``.

    What is as high is left at ``size``.
    """
    factor = min(most, height / max(1, size[0]))
    return size if factor <= 1 else (round(size[0] * factor), round(size[1] * factor))


def resize_bilinear(picture: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """A picture (H, W, 3) uint8, bilinearly at ``size`` (height, width); itself if that is its size."""
    if picture.shape[:2] == size:
        return picture
    return np.array(Image.fromarray(picture).resize(size[::-1], Image.Resampling.BILINEAR))


def resize_nearest(values: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Values (..., H, W) at ``size``, of each pixel's nearest neighbour: how labels change size."""
    if values.shape[-2:] == size:
        return values
    rows, columns = (
        ((np.arange(new) + 0.5) * (old / new)).astype(np.intp)
        for new, old in zip(size, values.shape[-2:], strict=True)
    )
    return values[..., rows[:, None], columns]
