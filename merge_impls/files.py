"""Writing files so that nobody ever reads half of one."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def check_writable(path: Path, folder: bool = False) -> None:
    """Raise OSError, one line that names ``path``, if no file, or no folder, could be written there.

    Nothing is left behind; parents that do not exist would be made.
    """
    if path.exists() and path.is_dir() != folder:
        raise OSError(f"{path} cannot be written: it is a {'file' if folder else 'folder'}")
    place = path if folder else path.parent
    while not place.exists():
        place = place.parent
    if not (place.is_dir() and os.access(place, os.W_OK | os.X_OK)):
        raise OSError(f"{path} cannot be written: {place} is no folder that can be written to")


@contextmanager
def atomic_write(path: Path) -> Iterator[Path]:
    """A temporary name beside ``path``, which takes its place when the block ends well."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    os.close(descriptor)
    partial = Path(name)
    try:
        yield partial
        partial.chmod(0o644)
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)
