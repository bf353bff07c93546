"""Converts the values of pixels to 8 bits, and turns pictures upright."""

from typing import NamedTuple

import numpy as np
from PIL import Image

from bench.types import Size, UInt8Array
from merge_impls.arrays import AnyArray, BoolArray

SIDEWAYS = (5, 6, 7, 8)
"""The orientations of stored pixels whose rows are columns in a viewer."""


class Colours(NamedTuple):
    """The colours of a picture.

    values: (H, W) grey, or (H, W, 3) red, green and blue, of any real dtype.
    white: the value of white, where 0 is black. None: the data type does not say which values are dark or
        bright.
    separately: whether each channel is stretched by itself, as channels of a microscope are.
    """

    values: AnyArray
    white: int | None = None
    separately: bool = False


def rgb_from_colours(colours: Colours) -> UInt8Array:
    """Convert the colours of a picture to (H, W, 3) uint8 RGB.

    Without a white, the smallest value becomes 0 and the largest 255. Raises ValueError if no value is
    finite.
    """
    values, white, separately = colours
    if white is not None:
        scaled = values.astype(np.uint8) if white == 255 else values * np.uint8(255 // white)
    elif separately and values.ndim == 3:
        scaled = np.dstack([stretch_to_8_bits(values[..., channel]) for channel in range(3)])
    else:
        scaled = stretch_to_8_bits(values)
    grey = scaled.ndim == 2
    return np.repeat(scaled[:, :, None], 3, axis=2) if grey else np.ascontiguousarray(scaled)


def mask_from_colours(colours: Colours) -> BoolArray:
    """Where a picture is not black, (H, W) bool.

    Colours of 8 bits are black if their grey value rounds to 0, as in the official evaluator.
    """
    values = colours.values
    if values.ndim == 3 and colours.white == 255:
        values = np.asarray(Image.fromarray(values).convert("L"))
    mask: BoolArray = (values != 0).any(axis=2) if values.ndim == 3 else values != 0
    return mask


def stretch_to_8_bits(values: AnyArray) -> UInt8Array:
    """Stretch values so that the smallest finite one becomes 0 and the largest 255, as uint8.

    All values are 0 if they are equal. Infinity becomes 255; negative infinity and NaN become 0. Raises
    ValueError for complex numbers, and if no value is finite.
    """
    if values.dtype.kind not in "biuf":
        raise ValueError(f"its values are {values.dtype}, not real numbers")
    values = values.astype(np.float64)
    finite = values[np.isfinite(values)]
    if values.size and not finite.size:
        raise ValueError("none of its values is finite")
    low, high = finite.min(initial=np.inf), finite.max(initial=-np.inf)
    with np.errstate(over="ignore", invalid="ignore"):
        if not np.isfinite(high - low):
            values, low, high = values / 4, low / 4, high / 4
        factor = 255 / ((high - low) or 1.0)
        scaled = (
            (values - low) * factor if np.isfinite(factor) else (values - low) / (high - low) * 255
        )
    scaled = np.nan_to_num(scaled, nan=0, posinf=255, neginf=0)
    stretched: UInt8Array = scaled.clip(0, 255).round().astype(np.uint8)
    return stretched


def shown_size(orientation: int, stored: Size) -> Size:
    """Height and width of a picture as a viewer shows it. orientation: as ``turn_upright`` takes it."""
    return (stored[1], stored[0]) if orientation in SIDEWAYS else stored


def turn_upright(pixels: AnyArray, orientation: int) -> AnyArray:
    """Turn stored pixels (H, W, ...) so that they lie as a viewer shows them.

    orientation: the value of the tag Orientation in EXIF and TIFF, 1 to 8. Other values count as 1: upright.
    """
    if orientation in SIDEWAYS:
        pixels = pixels.swapaxes(0, 1)
    if orientation in (2, 3, 6, 7):
        pixels = pixels[:, ::-1]
    if orientation in (3, 4, 7, 8):
        pixels = pixels[::-1]
    return np.ascontiguousarray(pixels)
