"""Names the pages of picture files: each page is a picture of its own."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from bench.picture_files.picture_reading import count_pages

_SUFFIXES_OF_ONE_PAGE = (".jpg", ".jpeg", ".jfif", ".bmp")


class PicturePage(NamedTuple):
    """A page of a picture file. page: its number, from 1; None for the only page of a file."""

    path: Path
    page: int | None = None


def name_pages(path: Path, remedy: str) -> dict[str, PicturePage]:
    """The pages of a picture file by name: NAME for the only page, else NAME_p001, NAME_p002 and so on.

    Raises FileNotFoundError or ValueError for a file whose pages cannot be counted.
    """
    pages = 1 if path.suffix.lower() in _SUFFIXES_OF_ONE_PAGE else count_pages(path, remedy)
    if pages == 1:
        return {path.stem: PicturePage(path)}
    return {f"{path.stem}_p{page:03}": PicturePage(path, page) for page in range(1, pages + 1)}


def name_all_pages(paths: Sequence[Path], remedy: str) -> dict[str, PicturePage]:
    """The pages of several picture files by name. Raises ValueError also for two pages of the same name."""
    found: dict[str, PicturePage] = {}
    for path in paths:
        for name, page in name_pages(path, remedy).items():
            if name in found:
                raise ValueError(
                    f"{path}: {found[name].path.name} has the same name; rename one of the two"
                )
            found[name] = page
    return found
