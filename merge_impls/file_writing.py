"""Write a file completely or not at all, and check before that it can be written."""

import math
import os
import signal
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from merge_impls.folder_lock import locked_folder

PARTIAL = ".partial"
"""The end of the names of temporary files, which begin with a dot."""

TEMPORARY_NAME = f".*.{'[a-z0-9_]' * 8}{PARTIAL}"
"""The pattern of the names of temporary files. ``tempfile`` fills in the eight characters."""


class UnwritableFileError(OSError):
    """A file cannot be written. The message is one line with the path, the reason and what to do."""


def unwritable(path: Path, error: OSError) -> UnwritableFileError:
    """The error for a file that cannot be written. error: what the operating system or a library says."""
    if isinstance(error, UnwritableFileError):
        return error
    reason = " ".join(str(error.strerror or error).split())
    found = UnwritableFileError(
        f"{path} cannot be written: {reason}; free space or choose another folder"
    )
    found.errno = error.errno
    return found


def check_writable(path: Path, folder: bool = False) -> None:
    """Raise OSError with a one-line message if ``path`` cannot be written. Writes nothing.

    folder: whether ``path`` is to be a folder rather than a file. Folders above it may be missing.
    """
    if path.exists() and path.is_dir() != folder:
        kind = "file" if folder else "folder"
        raise OSError(f"{path} cannot be written: it is a {kind}; choose another path")
    parent = path if folder else path.parent
    while not parent.exists():
        parent = parent.parent
    if not (parent.is_dir() and os.access(parent, os.W_OK | os.X_OK)):
        raise OSError(
            f"{path} cannot be written: {parent} is not a writable folder; choose another folder"
        )


@contextmanager
def interrupts_held() -> Iterator[None]:
    """Hold back Ctrl-C until the block has ended, so that several files are replaced together."""
    if threading.current_thread() is not threading.main_thread():  # there, no signal arrives
        yield
        return
    held: list[int] = []
    handler = signal.signal(signal.SIGINT, lambda number, frame: held.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, handler)
        if held:
            signal.raise_signal(signal.SIGINT)


@contextmanager
def atomic_write(path: Path) -> Iterator[Path]:
    """Yield the path of a temporary file, which is renamed to ``path`` when the block succeeds.

    The temporary file is in the folder of ``path``, and is flushed to the disk before it is renamed. If the
    block raises, the temporary file is deleted and ``path`` is left unchanged. An OSError of the block is
    raised as ``UnwritableFileError``.
    """
    try:
        with _temporary_file(path) as partial:
            yield partial
            partial.chmod(0o644)
            _flush(partial)
            os.replace(partial, path)
    except OSError as error:
        raise unwritable(path, error) from None


@contextmanager
def _temporary_file(path: Path) -> Iterator[Path]:
    """Make a file in the folder of ``path``, yield its path, and delete it if it is still there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(PARTIAL, f".{path.name}.", path.parent)
    os.close(descriptor)
    try:
        yield Path(name)
    finally:
        Path(name).unlink(missing_ok=True)


def _flush(path: Path) -> None:
    """Wait until the content of a file is on the disk, so that no crash leaves an empty file."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def remove_partial_files(folder: Path) -> None:
    """Remove the temporary files that killed processes have left in a folder, but not in folders below it.

    Only names that ``atomic_write`` and the writer of kept files give are removed. No process may write to
    the folder meanwhile; see ``folder_lock``.
    """
    _remove_partial_files_older_than(folder, -math.inf)


def remove_old_partial_files(folder: Path, seconds: float) -> None:
    """Remove the temporary files in a folder, and in those directly in it, that were written some time ago.

    A folder that another process has locked, or that cannot be read, is left as it is.

    seconds: the least time since the last write, so that files which another process writes are left.
    """
    for each in filter(Path.is_dir, (folder, *folder.glob("*"))):
        with suppress(OSError), locked_folder(each, lambda line: None):
            _remove_partial_files_older_than(each, seconds)


def _remove_partial_files_older_than(folder: Path, seconds: float) -> None:
    for partial in folder.glob(TEMPORARY_NAME):
        with suppress(FileNotFoundError):  # another process has renamed the file since the search
            if partial.is_file() and time.time() - partial.stat().st_mtime >= seconds:
                partial.unlink()
