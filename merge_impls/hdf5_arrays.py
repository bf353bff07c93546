"""The arrays of an HDF5 file, by path. Links to other files are refused unless they are allowed."""

from collections.abc import Iterator, Mapping
from typing import Any

_MOST_LINKS = 100
"""The most soft links that one path may follow, so that loops end."""


class Hdf5Arrays(Mapping[str, Any]):
    """A mapping from paths to the datasets and groups of an open HDF5 file.

    Another file could be anywhere and of any kind, such as a FIFO that blocks. So external links, virtual
    datasets of other files and external storage raise ValueError.

    file: an ``h5py.File``.
    external_links: whether links to other files are followed.
    """

    def __init__(self, file: Any, external_links: bool = False) -> None:
        self._file = file
        self._external_links = external_links

    def __getitem__(self, path: str) -> Any:
        """The dataset or group at ``path``, which is not read yet.

        Raises KeyError if there is none, and ValueError for a link to a path that is missing.
        """
        given = path
        if not self._external_links:
            path = self._path_within_file(path)
        try:
            found = self._file[path]
        except KeyError:
            self._refuse_dangling_link(given)
            raise
        if not self._external_links and hasattr(found, "shape"):
            _refuse_pixels_of_other_files(path, found)
        return found

    def __iter__(self) -> Iterator[str]:
        """The names in the root of the file."""
        return iter(self._file)

    def __len__(self) -> int:
        """The number of names in the root of the file."""
        return len(self._file)

    def _refuse_dangling_link(self, path: str) -> None:
        """Raise ValueError if the last name of a path that cannot be opened is a link."""
        try:
            link = self._file.get(path, getlink=True)
        except KeyError:
            return
        if hasattr(link, "path"):
            where = f" of {link.filename}" if hasattr(link, "filename") else ""
            raise ValueError(
                f"{path!r} is a link to {link.path!r}{where}, which is missing; name another array"
            )

    def _path_within_file(self, path: str) -> str:
        """The path without soft links. Raises ValueError at a link to another file, and for a loop."""
        found: list[str] = []
        waiting = path.strip("/").split("/")
        links = 0
        while waiting:
            name = waiting.pop(0)
            if name in ("", "."):
                continue
            link = self._link("/" + "/".join(found), name, path)
            if not hasattr(link, "path"):
                found.append(name)
                continue
            links += 1
            if links > _MOST_LINKS:
                raise ValueError(f"{path!r} follows more than {_MOST_LINKS} links")
            found = [] if link.path.startswith("/") else found
            waiting = link.path.strip("/").split("/") + waiting
        return "/" + "/".join(found)

    def _link(self, group: str, name: str, path: str) -> Any:
        """The link of a name in a group. Raises ValueError if it leads to another file.

        path: the whole path, for errors.
        """
        place = self._file[group]
        if not hasattr(place, "get"):  # not a group
            raise KeyError(path)
        link = place.get(name, getlink=True)
        if hasattr(link, "filename"):
            raise ValueError(
                f"{path!r} is a link to another file, {link.filename}; --external-links follows it"
            )
        return link


def _refuse_pixels_of_other_files(path: str, dataset: Any) -> None:
    """Raise ValueError if the values of a dataset are stored in other files."""
    others = [name for name, _, _ in dataset.external or ()]
    if dataset.is_virtual:
        others += [source.file_name for source in dataset.virtual_sources()]
    others = [name for name in others if name != "."]
    if others:
        raise ValueError(
            f"{path!r} has values in another file, {others[0]}; --external-links reads them"
        )
