"""Reads pictures and label maps in common file formats. The message of an error is one line."""

from pathlib import Path

import numpy as np
from PIL import Image, UnidentifiedImageError

PICTURE_SUFFIXES = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp")
"""The suffixes of picture files, in lower or upper case."""

LARGEST_LABEL_ID = 65535
"""The largest id of an object in a label map: label maps are files of 16 bits."""


def read_rgb(path: Path, remedy: str) -> np.ndarray:
    """Read a grey, colour or palette picture as (H, W, 3) uint8 RGB, without an alpha channel.

    In 16-bit and float pictures the smallest value becomes 0 and the largest 255, because the data type does
    not say which values are dark or bright. Raises FileNotFoundError or ValueError.

    remedy: what the user can do about a file that cannot be read; the end of the error message.
    """
    with _open_picture(path, remedy) as picture:
        if picture.mode.startswith(("I", "F")):
            values = np.asarray(picture, dtype=np.float64)
            low, high = values.min(initial=np.inf), values.max(initial=-np.inf)
            grey = (values - low) * (255 / max(high - low, 1e-9))
            return np.repeat(grey.round().astype(np.uint8)[:, :, None], 3, axis=2)
        # Palettes may contain transparent colours, which Pillow converts only to RGBA without a warning.
        mode = "RGBA" if "transparency" in picture.info else "RGB"
        return np.array(picture.convert(mode))[:, :, :3].copy()


def read_label_map(path: Path, remedy: str) -> np.ndarray:
    """Read the ids in a PNG with one channel, as (H, W) int32.

    Raises FileNotFoundError or ValueError for other pictures, and for ids outside 0..``LARGEST_LABEL_ID``.

    remedy: what the user can do about a file that cannot be read; the end of the error message.
    """
    with _open_picture(path, remedy) as picture:
        labels = np.array(picture)
    if labels.ndim != 2 or not (np.issubdtype(labels.dtype, np.integer) or labels.dtype == bool):
        raise ValueError(
            f"{path}: holds {labels.dtype} of shape {labels.shape}, but labels must be whole numbers in one "
            f"channel; {remedy}"
        )
    low, high = int(labels.min(initial=0)), int(labels.max(initial=0))
    if low < 0 or high > LARGEST_LABEL_ID:
        raise ValueError(
            f"{path}: holds id {low if low < 0 else high}, but ids must be 0 to {LARGEST_LABEL_ID}; {remedy}"
        )
    return labels.astype(np.int32)


def _one_reason(error: Exception) -> str:
    """The message of an error, without the path that Pillow writes into it."""
    return "not a picture" if isinstance(error, UnidentifiedImageError) else str(error)


class _open_picture:
    """A context that opens and decodes a picture, and replaces Pillow's errors by errors of one line."""

    def __init__(self, path: Path, remedy: str) -> None:
        self.path, self.remedy = path, remedy

    def __enter__(self) -> Image.Image:
        try:
            self.picture = Image.open(self.path)
            self.picture.load()
        except FileNotFoundError:
            raise FileNotFoundError(f"{self.path}: is missing; {self.remedy}") from None
        except (
            UnidentifiedImageError,
            Image.DecompressionBombError,
            OSError,
            SyntaxError,
            ValueError,
        ) as error:
            raise ValueError(
                f"{self.path}: cannot be read ({_one_reason(error)}); {self.remedy}"
            ) from None
        return self.picture

    def __exit__(self, *_: object) -> None:
        self.picture.close()
