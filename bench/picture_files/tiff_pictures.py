"""Decodes TIFF files with tifffile, and with Pillow where only Pillow converts the colours."""

import logging
import math
from collections.abc import Iterator
from functools import cached_property
from typing import Any, BinaryIO, NamedTuple

import numpy as np
from tifffile import TiffFile

from bench.picture_files.decoded_picture import UnsupportedPicture, check_picture_size
from bench.picture_files.pillow_pictures import PillowPicture
from bench.picture_files.pixel_values import Colours
from bench.picture_files.tiff_structure import check_claimed_planes, check_page_chain
from bench.types import RgbImage, Size
from merge_impls.arrays import AnyArray

# Without a handler, Python prints what tifffile logs. Damage is found here without the log.
logging.getLogger("tifffile").addHandler(logging.NullHandler())

_REDUCED_OR_MASK = 1 | 4
"""The bits of the tag NewSubfileType of a page that belongs to another page."""

_ALPHA = (1, 2)


class _Plane(NamedTuple):
    """A page of pixels as tifffile stores it: where to read it, and its place in the file.

    values: the values, if the planes of a series can only be read together.
    """

    page: Any
    place: int
    values: AnyArray | None = None


class TiffPicture:
    """A TIFF file; see :class:`bench.picture_files.decoded_picture.DecodedPicture`.

    The axes of OME, ImageJ and tifffile say which planes are channels of one page. All other planes are pages
    of their own. Reduced copies and masks of a page are left out.
    """

    def __init__(self, file: BinaryIO) -> None:
        check_page_chain(file)
        file.seek(0)
        self._file = file
        # Another file that is named in this one is never opened.
        self._tiff = TiffFile(file, _multifile=False)
        if self._tiff.is_ome:
            check_claimed_planes(self._tiff.pages.first.description)

    @property
    def num_pages(self) -> int:
        """The number of pages."""
        return len(self._pages)

    def orientation(self, page: int) -> int:
        """The orientation in the tags of the page; 1 if there is none."""
        tag = self._tags(self._pages[page - 1][0]).get("Orientation")
        return tag.value if tag is not None and isinstance(tag.value, int) else 1

    def colours(self, page: int) -> Colours:
        """The colours of the page as stored, without an alpha channel."""
        planes = self._pages[page - 1]
        first = planes[0].page.keyframe
        if not _is_known_colour(first):
            return self._colours_of_pillow(planes[0])
        values = self._channels(planes)
        if first.photometric.name == "PALETTE":
            return Colours(_palette_colours(values[..., 0], first.colormap), white=255)
        colours = values[..., : _count_colours(first, values.shape[2])]
        separately = len(planes) > 1 or first.photometric.name != "RGB"
        grey = colours.shape[2] == 1
        return Colours(
            colours[..., 0] if grey else colours, _white_of(first, values.dtype), separately
        )

    def left_out(self, page: int) -> tuple[str, ...]:
        """What ``colours`` leaves out of the page: an alpha channel, whatever its values."""
        extra = self._pages[page - 1][0].page.keyframe.extrasamples
        has_alpha = any(int(each) in _ALPHA for each in extra)
        return ("transparency (hidden colours are used)",) * has_alpha

    def stored_size(self, page: int) -> Size:
        """Height and width of the page as stored."""
        first = self._pages[page - 1][0].page.keyframe
        return first.imagelength, first.imagewidth

    def stored_values(self, page: int) -> AnyArray:
        """The values of the page as stored, (H, W) or (H, W, channels): ids in a label map.

        Raises UnsupportedPicture for more than 8 bits whose white is 0: programs disagree on such ids.
        """
        planes = self._pages[page - 1]
        first = planes[0].page.keyframe
        values = self._channels(planes)
        if first.photometric.name == "MINISWHITE" and _white_of(first, values.dtype) is None:
            raise UnsupportedPicture(
                "has white as 0, so that its ids are not clear; save it with black as 0"
            )
        return values[..., 0] if values.shape[2] == 1 else values

    @cached_property
    def _pages(self) -> list[list[_Plane]]:
        """For each page its planes: one, or one for each channel."""
        series = self._tiff.series
        if any(page is None for one in series for page in one):
            # Some planes lie in other files. The planes of this file are pages of their own.
            alone = [page.aspage() for page in self._tiff.pages]
            return [[_Plane(page, page.index)] for page in alone]
        whole = [group for one in series for group in _pages_of_series(one)]
        own = [group for group in whole if not _belongs_to_another(group[0].page)]
        return sorted(own or whole, key=lambda group: group[0].place)

    def _tags(self, plane: _Plane) -> Any:
        page = plane.page
        return (page if hasattr(page, "tags") else page.keyframe).tags

    def _values(self, plane: _Plane) -> AnyArray:
        """The values of a plane. Raises ValueError if they do not lie in the file."""
        if plane.values is not None:
            return plane.values
        page = plane.page
        check_picture_size(page.keyframe.imagewidth, page.keyframe.imagelength)
        end = self._tiff.filehandle.size
        parts = zip(page.dataoffsets, page.databytecounts, strict=True)
        if not page.dataoffsets or any(offset + size > end for offset, size in parts):
            raise ValueError("it ends before its pixels")
        values: AnyArray = page.asarray()
        return values

    def _channels(self, planes: list[_Plane]) -> AnyArray:
        """The values of the planes of a page, (H, W, channels), where white is the largest value."""
        found = [_channels_last(self._values(plane), plane.page.keyframe) for plane in planes]
        values = np.concatenate(found, axis=2)
        first = planes[0].page.keyframe
        if first.photometric.name == "MINISWHITE":
            return _invert(values, _white_of(first, values.dtype))
        return values

    def _colours_of_pillow(self, plane: _Plane) -> Colours:
        """The colours of a plane that only Pillow converts, such as CMYK."""
        name = plane.page.keyframe.photometric.name
        if plane.page.keyframe.bitspersample != 8:
            raise UnsupportedPicture(f"has colours of the kind {name}; save it as RGB")
        self._file.seek(0)
        return PillowPicture(self._file, ("TIFF",)).colours(plane.place + 1)


def _pages_of_series(series: Any) -> Iterator[list[_Plane]]:
    """Group the planes of a series of tifffile to pages: channels belong together.

    Raises UnsupportedPicture if the planes are not pictures.
    """
    axes_of_page = series.keyframe.axes
    if axes_of_page not in ("YX", "YXS", "SYX"):
        raise UnsupportedPicture(
            f"has pages with the axes {axes_of_page}; save each plane as a page of its own"
        )
    outer = [
        (axis, size)
        for axis, size in zip(series.axes, series.shape, strict=True)
        if axis not in "YXS"
    ]
    count = math.prod(size for _, size in outer)
    planes = [_Plane(page, page.index) for page in series]
    if len(planes) != count:
        values = series.asarray().reshape(count, *planes[0].page.keyframe.shape)
        planes = [_Plane(planes[0].page, planes[0].place, one) for one in values]
    numbers = np.arange(count).reshape([size for _, size in outer])
    axes = [axis for axis, _ in outer]
    if "C" in axes:
        numbers = np.moveaxis(numbers, axes.index("C"), -1)
        numbers = numbers.reshape(-1, numbers.shape[-1])
    for group in numbers.reshape(len(numbers) if "C" in axes else count, -1):
        yield [planes[number] for number in group]


def _belongs_to_another(page: Any) -> bool:
    """Whether a page is a reduced copy or a mask of another page."""
    return bool(page.keyframe.subfiletype & _REDUCED_OR_MASK)


def _channels_last(values: AnyArray, page: Any) -> AnyArray:
    """The values of a plane as (H, W, channels)."""
    if page.axes == "SYX":
        return np.moveaxis(values, 0, 2)
    return values.reshape(*values.shape[:2], -1)


def _is_known_colour(page: Any) -> bool:
    """Whether the values of a page are grey, RGB or numbers of a palette after decoding."""
    name = page.photometric.name
    is_jpeg = page.compression.name in ("JPEG", "OJPEG", "WEBP")
    return name in ("MINISBLACK", "MINISWHITE", "RGB", "PALETTE") or (name == "YCBCR" and is_jpeg)


def _count_colours(page: Any, channels: int) -> int:
    """How many of a page's channels are colours, 1 or 3; the others are alpha.

    Raises UnsupportedPicture if there are others.
    """
    alpha = sum(int(extra) in _ALPHA for extra in page.extrasamples)
    colours = channels - alpha
    if colours not in (1, 3):
        raise UnsupportedPicture(
            f"has {colours} channels in a page, but a picture has 1 or 3; save those to use as a picture"
        )
    return colours


def _white_of(page: Any, dtype: np.dtype[Any]) -> int | None:
    """The value of white in a page of at most 8 bits; None for other types, whose white is not known."""
    if dtype.kind == "b":
        return 1
    bits = page.bitspersample
    return 2**bits - 1 if dtype == np.uint8 and bits in (1, 2, 4, 8) else None


def _invert(values: AnyArray, white: int | None) -> AnyArray:
    """Exchange black and white."""
    if values.dtype == bool:
        return ~values
    if white is not None:
        return np.uint8(white) - values
    if values.dtype.kind in "ui":
        return ~values
    return -values


def _palette_colours(numbers: AnyArray, palette: AnyArray) -> RgbImage:
    """The colours of a page with a palette. palette: (3, colours), with 16 bits, or with 8 in old files."""
    colours = palette if palette.max() < 256 else palette >> 8
    return np.ascontiguousarray(colours.astype(np.uint8).T[numbers])
