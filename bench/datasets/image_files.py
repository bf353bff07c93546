"""Reads pictures and label maps of the common kinds; errors are one line."""

from pathlib import Path

import numpy as np
from PIL import Image, UnidentifiedImageError

SUFFIXES = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp")
"""The suffixes of picture files, in lower or upper case."""

LARGEST_LABEL_ID = 65535


def read_rgb(path: Path, remedy: str) -> np.ndarray:
    """(H, W, 3) uint8 RGB of a grey, colour or palette picture; an alpha channel is left out.

    16-bit and float pictures are stretched from their smallest to their largest value, as their range does
    not give their brightness. Raises FileNotFoundError or ValueError of one line that ends in
    ``remedy``.
    """
    with _open_picture(path, remedy) as picture:
        if picture.mode.startswith(("I", "F")):
            values = np.asarray(picture, dtype=np.float64)
            low, high = values.min(initial=np.inf), values.max(initial=-np.inf)
            grey = (values - low) * (255 / max(high - low, 1e-9))
            return np.repeat(grey.round().astype(np.uint8)[:, :, None], 3, axis=2)
        # By way of RGBA, as a palette may hold transparent colours.
        mode = "RGBA" if "transparency" in picture.info else "RGB"
        return np.array(picture.convert(mode))[:, :, :3].copy()


def read_labels(path: Path, remedy: str) -> np.ndarray:
    """(H, W) int32 ids of a PNG with one channel.

    Raises FileNotFoundError or ValueError of one line for other pictures, and for ids that 16 bits cannot
    hold.
    """
    with _open_picture(path, remedy) as picture:
        labels = np.array(picture)
    if labels.ndim != 2 or not (np.issubdtype(labels.dtype, np.integer) or labels.dtype == bool):
        raise ValueError(
            f"{path}: holds {labels.dtype} of shape {labels.shape}, labels are whole numbers in one channel; "
            f"{remedy}"
        )
    low, high = int(labels.min(initial=0)), int(labels.max(initial=0))
    if low < 0 or high > LARGEST_LABEL_ID:
        raise ValueError(
            f"{path}: holds id {low if low < 0 else high}, ids are 0 to {LARGEST_LABEL_ID}; {remedy}"
        )
    return labels.astype(np.int32)


class _open_picture:
    """An opened and decoded picture; what Pillow cannot read is an error of one line."""

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
                f"{self.path}: cannot be read ({error}); delete it, then {self.remedy}"
            ) from None
        return self.picture

    def __exit__(self, *_: object) -> None:
        self.picture.close()
