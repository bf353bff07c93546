"""Reads pictures, label maps and masks in common file formats. The message of an error is one line."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import numpy as np

from bench.picture_files.decoded_picture import DecodedPicture, UnsupportedPicture
from bench.picture_files.pillow_pictures import PillowPicture
from bench.picture_files.pixel_values import (
    mask_from_colours,
    rgb_from_colours,
    shown_size,
    turn_upright,
)
from bench.picture_files.tiff_structure import is_tiff
from bench.types import RgbImage, Size
from merge_impls.argument_checks import one_line_error_message
from merge_impls.arrays import BoolArray, Int32Array
from merge_impls.regular_files import irregular_kind

LARGEST_LABEL_ID = 65535
"""The largest id of an object in a label map: label maps are files of 16 bits."""


def read_rgb(path: Path, remedy: str, page: int | None = None) -> RgbImage:
    """Read a grey, colour or palette picture as (H, W, 3) uint8 RGB, as a viewer shows it, without alpha.

    Pictures of at most 8 bits keep their values. In all others the smallest value becomes 0 and the largest
    255, because the data type does not say which values are dark or bright; channels of a microscope are
    stretched one by one. The orientation in EXIF is applied. Raises FileNotFoundError or ValueError.

    remedy: what the user can do about a file that cannot be read; the end of the error message.
    page: the number of the page, from 1; None for the only page of a file.
    """
    with _open_picture(path, remedy) as picture:
        number = _page_number(picture, page)
        pixels = rgb_from_colours(picture.colours(number))
        return turn_upright(pixels, picture.orientation(number))


def left_out_of_rgb(path: Path, remedy: str, page: int | None = None) -> tuple[str, ...]:
    """What ``read_rgb`` leaves out of a picture, in words for a warning; arguments as for ``read_rgb``."""
    with _open_picture(path, remedy) as picture:
        return picture.left_out(_page_number(picture, page))


def read_label_map(path: Path, remedy: str, page: int | None = None) -> Int32Array:
    """Read the ids in a picture with one channel, as (H, W) int32, as a viewer shows it.

    The ids in a picture with a palette are the numbers of its colours. Raises FileNotFoundError or
    ValueError for other pictures, and for ids outside 0..``LARGEST_LABEL_ID``.

    remedy: what the user can do about a file that cannot be read; the end of the error message.
    page: the number of the page, from 1; None for the only page of a file.
    """
    with _open_picture(path, remedy) as picture:
        number = _page_number(picture, page)
        labels = turn_upright(picture.stored_values(number), picture.orientation(number))
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


def read_mask(path: Path, remedy: str) -> BoolArray:
    """Read the mask in a picture of one page, (H, W) bool: False where the picture is black.

    Colours count as black if their grey value rounds to 0, as in the official evaluator. Raises
    FileNotFoundError or ValueError.
    """
    with _open_picture(path, remedy) as picture:
        number = _page_number(picture, None)
        mask = mask_from_colours(picture.colours(number))
        return turn_upright(mask, picture.orientation(number))


def read_orientation_and_size(path: Path, remedy: str, page: int | None = None) -> tuple[int, Size]:
    """The orientation of the stored pixels of a picture, as ``turn_upright`` takes it, and their size."""
    with _open_picture(path, remedy) as picture:
        number = _page_number(picture, page)
        return picture.orientation(number), picture.stored_size(number)


def read_size(path: Path, remedy: str) -> Size:
    """Height and width of a picture of one page, as a viewer shows it, without decoding its pixels."""
    return shown_size(*read_orientation_and_size(path, remedy))


def count_pages(path: Path, remedy: str) -> int:
    """The number of pages of a picture file. Raises FileNotFoundError or ValueError."""
    with _open_picture(path, remedy) as picture:
        return picture.num_pages


def _page_number(picture: DecodedPicture, page: int | None) -> int:
    """The number of the page to read. Raises UnsupportedPicture without a number if there are several."""
    if page is None and picture.num_pages != 1:
        raise UnsupportedPicture(
            f"has {picture.num_pages} pages, but one picture is read; save the page as a file of its own"
        )
    return page or 1


@contextmanager
def _open_picture(path: Path, remedy: str) -> Iterator[DecodedPicture]:
    """Open a picture file. Every error, also in the block, becomes an error of one line.

    Decoders raise all kinds of exceptions for damaged files, so that all kinds are caught.
    """
    try:
        kind = irregular_kind(path)
        if kind is not None:
            raise ValueError(f"it is {kind}, not a regular file")
        with path.open("rb") as file:
            yield _decode(file)
    except FileNotFoundError:
        raise FileNotFoundError(f"{path}: is missing; {remedy}") from None
    except ImportError as error:
        raise ValueError(f"{path}: needs {error.name}; install the extra bench") from None
    except UnsupportedPicture as error:
        raise ValueError(f"{path}: {error}") from None
    except Exception as error:
        raise ValueError(f"{path}: cannot be read ({_reason(error)}); {remedy}") from None


def _decode(file: BinaryIO) -> DecodedPicture:
    head = file.read(8)
    file.seek(0)
    if is_tiff(head):
        from bench.picture_files.tiff_pictures import TiffPicture

        return TiffPicture(file)
    if head[4:] == b"ftyp":
        raise UnsupportedPicture("is HEIC or AVIF, whatever its ending; save it as JPEG or PNG")
    return PillowPicture(file)


def _reason(error: Exception) -> str:
    """The message of an error on one line, without the name of the file that Pillow writes into it."""
    from PIL import UnidentifiedImageError

    if isinstance(error, UnidentifiedImageError):
        return "not a picture"
    return one_line_error_message(error)
