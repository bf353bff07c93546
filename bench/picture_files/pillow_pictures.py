"""Decodes pictures with Pillow: all formats except TIFF."""

import struct
import zlib
from typing import BinaryIO

import numpy as np
from PIL import Image

from bench.picture_files.decoded_picture import check_picture_size
from bench.picture_files.pixel_values import Colours
from bench.types import Size
from merge_impls.arrays import AnyArray

FORMATS = ("PNG", "JPEG", "BMP", "GIF", "WEBP")
"""Pillow's names of the formats that are tried. Others are not: some of them start other programs."""

_ORIENTATION_TAG = 0x0112

_PNG_COLOUR_CHANNELS = {2: 3, 4: 1, 6: 3}
"""The channels without alpha of the PNG colour types that Pillow cuts down to 8 bits."""


class PillowPicture:
    """A picture that Pillow decodes; see :class:`bench.picture_files.decoded_picture.DecodedPicture`.

    The frames of an animation are pages. Further pictures in a JPEG, such as depth maps, are not.
    formats: Pillow's names of the formats that are tried.
    """

    def __init__(self, file: BinaryIO, formats: tuple[str, ...] = FORMATS) -> None:
        self._file = file
        self._picture = Image.open(file, formats=formats)
        check_picture_size(*self._picture.size)

    @property
    def num_pages(self) -> int:
        """The number of pages."""
        single = self._picture.format in ("JPEG", "MPO")
        return 1 if single else getattr(self._picture, "n_frames", 1)

    def orientation(self, page: int) -> int:
        """The orientation in EXIF; 1 if there is none, or none that can be read."""
        self._seek(page)
        try:
            return int(self._picture.getexif().get(_ORIENTATION_TAG, 1))
        except (
            Exception
        ):  # EXIF comes from all kinds of programs; the pixels may be whole all the same
            return 1

    def colours(self, page: int) -> Colours:
        """The colours of the page as stored, without an alpha channel."""
        picture = self._load(page)
        channels = self._png_channels_of_16_bits()
        if channels:
            values = self._png_values()
            return Colours(values[..., :3] if channels == 3 else values[..., 0])
        if picture.mode.startswith(("I", "F")):
            return Colours(np.asarray(picture))
        # Palettes may contain transparent colours, which Pillow converts only to RGBA without a warning.
        mode = "RGBA" if "transparency" in picture.info else "RGB"
        return Colours(np.array(picture.convert(mode))[:, :, :3].copy(), white=255)

    def left_out(self, page: int) -> tuple[str, ...]:
        """What ``colours`` leaves out of the page: transparency, and further pictures in a JPEG."""
        picture = self._load(page)
        found = []
        if picture.has_transparency_data:
            lowest = int(np.asarray(picture.convert("RGBA"))[..., 3].min())
            found += ["transparency (hidden colours are used)"] * (lowest < 255)
        if picture.format == "MPO":
            found.append("further pictures in the file (the first is used)")
        return tuple(found)

    def stored_size(self, page: int) -> Size:
        """Height and width of the page as stored."""
        self._seek(page)
        return self._picture.height, self._picture.width

    def stored_values(self, page: int) -> AnyArray:
        """The values of the page as stored, (H, W) or (H, W, channels): ids in a label map."""
        picture = self._load(page)
        return self._png_values() if self._png_channels_of_16_bits() else np.array(picture)

    def _seek(self, page: int) -> None:
        if page > 1 or self.num_pages > 1:
            self._picture.seek(page - 1)

    def _load(self, page: int) -> Image.Image:
        self._seek(page)
        self._picture.load()
        return self._picture

    def _png_channels_of_16_bits(self) -> int:
        """The channels without alpha of a PNG with 16 bits and several channels; 0 for other pictures."""
        if self._picture.format != "PNG":
            return 0
        self._file.seek(24)
        bits, colour_type = self._file.read(2)
        return _PNG_COLOUR_CHANNELS.get(colour_type, 0) if bits == 16 else 0

    def _png_values(self) -> AnyArray:
        from imagecodecs import png_decode

        self._file.seek(0)
        content = self._file.read()
        _check_png_checksums(content)
        values: AnyArray = png_decode(content)
        return values


def _check_png_checksums(content: bytes) -> None:
    """Raise ValueError for a chunk of a PNG whose checksum is wrong: imagecodecs reads on."""
    place = 8
    while place < len(content):
        (length,) = struct.unpack_from(">I", content, place)
        end = place + 8 + length
        if content[end : end + 4] != struct.pack(">I", zlib.crc32(content[place + 4 : end])):
            raise ValueError(f"the checksum at byte {end} is wrong")
        if content[place + 4 : place + 8] == b"IEND":
            return
        place = end + 4
