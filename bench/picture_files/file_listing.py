"""The one rule for listing the files of a folder.

Hidden files, whose names begin with a dot, do not count. Symbolic links are followed. One line says what is
left out, and one which links are followed, as a ``FileListingWarning``.
"""

import os
import unicodedata
import warnings
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from merge_impls.regular_files import irregular_kind

PICTURE_SUFFIXES = (".png", ".jpg", ".jpeg", ".jfif", ".tif", ".tiff", ".bmp", ".gif", ".webp")
"""The suffixes of picture files, in lower or upper case."""

LABEL_MAP_SUFFIXES = (".png", ".tif", ".tiff")
"""The suffixes of label maps, in lower or upper case: formats that keep ids."""


class FileListingWarning(UserWarning):
    """Files of a folder were left out, or symbolic links followed. The message is one line."""


@dataclass
class FileListing:
    """The files of a folder.

    files: the regular files with one of the suffixes, sorted.
    left_out: all other files that are not hidden, and folders that were not searched.
    links: the symbolic links among ``files`` and the folders above them.
    """

    folder: Path
    files: list[Path] = field(default_factory=list)
    left_out: list[Path] = field(default_factory=list)
    links: list[Path] = field(default_factory=list)

    def warn(self, suffixes: Collection[str]) -> None:
        """Warn of what was left out and of links that were followed. suffixes: those that were listed."""
        if self.left_out:
            _warn(f"{self.folder}: {self._line_of_left_out(suffixes)}")
        self.warn_of_links()

    def warn_of_links(self) -> None:
        """Warn of links that were followed, where other files are expected beside those that were listed."""
        if self.links:
            _warn(f"{self.folder}: {self._line_of_links()}")

    def _line_of_left_out(self, suffixes: Collection[str]) -> str:
        kinds = Counter(_kind(path) for path in self.left_out)
        counts = ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items()))
        first = self.left_out[0].relative_to(self.folder)
        return f"left out {counts} (first: {first}); files with the ending {', '.join(suffixes)} are read"

    def _line_of_links(self) -> str:
        first = self.links[0]
        links = f"{len(self.links)} symbolic link{'s' * (len(self.links) > 1)}"
        return f"followed {links} (first: {first.relative_to(self.folder)} to {os.path.realpath(first)})"


def _warn(line: str) -> None:
    warnings.warn(line, FileListingWarning, stacklevel=4)


def list_files(folder: Path, suffixes: Collection[str], subfolders: bool = False) -> FileListing:
    """List the files of a folder that have one of ``suffixes``, in lower or upper case.

    subfolders: whether to list the files of folders below, too. Links that lead to a folder that is listed
        already are left out, so that loops end.
    A folder that does not exist has no files.
    """
    listing = FileListing(folder)
    searched: set[tuple[int, int]] = set()
    waiting = [folder] if folder.is_dir() else []
    while waiting:
        waiting = sorted(
            linked
            for place in waiting
            for linked in _list_until_links(place, suffixes, subfolders, searched, listing)
        )
    listing.files.sort()
    listing.left_out.sort()
    listing.links.sort()
    return listing


def _list_until_links(
    place: Path,
    suffixes: Collection[str],
    subfolders: bool,
    searched: set[tuple[int, int]],
    listing: FileListing,
) -> Iterator[Path]:
    """Add the files below ``place`` to ``listing``, and yield the links to folders, which come later."""
    status = place.stat()
    if (status.st_dev, status.st_ino) in searched:
        listing.left_out.append(place)
        return
    searched.add((status.st_dev, status.st_ino))
    if place.is_symlink():
        listing.links.append(place)
    for path in sorted(place.iterdir()):
        if path.name.startswith("."):
            continue
        if path.is_dir() and not subfolders:
            listing.left_out.append(path)
        elif path.is_dir() and path.is_symlink():
            yield path
        elif path.is_dir():
            yield from _list_until_links(path, suffixes, subfolders, searched, listing)
        else:
            _add_file(path, suffixes, listing)


def _add_file(path: Path, suffixes: Collection[str], listing: FileListing) -> None:
    if path.suffix.lower() not in suffixes or not _is_regular(path):
        listing.left_out.append(path)
        return
    listing.files.append(path)
    if path.is_symlink():
        listing.links.append(path)


def _is_regular(path: Path) -> bool:
    try:
        return irregular_kind(path) is None
    except OSError:  # a link that leads nowhere
        return False


def _kind(path: Path) -> str:
    """How a file or folder that was left out is counted."""
    if path.is_dir():
        return "folder"
    return (path.suffix.lower() or "without ending") if _is_regular(path) else "irregular"


def look_alike_note(name: str, others: Iterable[str]) -> str:
    """The end of an error message if one of ``others`` looks like ``name``; empty if none does.

    Names look alike if they differ only in upper and lower case, in blanks at the ends, or in how accents are
    stored.
    """
    for other in sorted(others):
        if other != name and _looks(other) == _looks(name):
            return f" ({ascii(name)} and {ascii(other)} look alike, but differ: rename one)"
    return ""


def _looks(name: str) -> str:
    return unicodedata.normalize("NFKC", name).casefold().strip()
