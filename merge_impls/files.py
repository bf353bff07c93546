"""Write files whole or not at all."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def check_writable(path: Path, folder: bool = False) -> None:
    """Raise OSError, one line that names ``path``, if a file could not be written there.

    folder: whether ``path`` is a folder to make. Nothing is written; parents may be missing.
    """
    if path.exists() and path.is_dir() != folder:
        raise OSError(f"{path} cannot be written: it is a {'file' if folder else 'folder'}")
    parent = path if folder else path.parent
    while not parent.exists():
        parent = parent.parent
    if not (parent.is_dir() and os.access(parent, os.W_OK | os.X_OK)):
        raise OSError(f"{path} cannot be written: {parent} is not a writable folder")


@contextmanager
def atomic_write(path: Path) -> Iterator[Path]:
    """Give a temporary path beside ``path``, which is renamed to ``path`` when the block succeeds.

    If the block raises, the temporary file is deleted and ``path`` stays as it was.
    """
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
