"""What a decoded picture file offers, whatever library decodes it."""

from typing import Protocol

from bench.picture_files.pixel_values import Colours
from bench.types import Size
from merge_impls.arrays import AnyArray

LARGEST_PICTURE = 178_956_970
"""The most pixels of a page. A file that claims more is taken for damaged, or made to fill the memory."""


class UnsupportedPicture(ValueError):
    """A picture that is whole but cannot be shown as one picture. The message says what to do."""


class DecodedPicture(Protocol):
    """An open picture file of one or more pages, which are numbered from 1.

    Methods raise any exception if the file is damaged, and UnsupportedPicture for a page that is whole but
    has no colours that are known.
    """

    @property
    def num_pages(self) -> int:
        """The number of pages."""
        ...

    def orientation(self, page: int) -> int:
        """The orientation of the stored pixels, as ``turn_upright`` takes it."""
        ...

    def colours(self, page: int) -> Colours:
        """The colours of the page as stored, without an alpha channel."""
        ...

    def left_out(self, page: int) -> tuple[str, ...]:
        """What ``colours`` leaves out of the page, such as "transparency", in words for a warning."""
        ...

    def stored_size(self, page: int) -> Size:
        """Height and width of the page as stored."""
        ...

    def stored_values(self, page: int) -> AnyArray:
        """The values of the page as stored, (H, W) or (H, W, channels): ids in a label map."""
        ...


def check_picture_size(width: int, height: int) -> None:
    """Raise ValueError for a picture without pixels and for one with more than ``LARGEST_PICTURE``."""
    if width < 1 or height < 1 or width * height > LARGEST_PICTURE:
        raise ValueError(
            f"it is {height}x{width} pixels (height x width), but 1 to {LARGEST_PICTURE:,} pixels can be read"
        )
