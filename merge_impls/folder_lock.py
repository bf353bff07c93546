"""Lock a folder, so that two programs do not write to it at the same time.

The operating system holds the lock and releases it when the process ends, also after SIGKILL.
"""

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

if sys.platform != "win32":
    import fcntl


class FolderInUse(OSError):
    """Another process has locked the folder. The message is one line."""


@contextmanager
def locked_folder(folder: Path, report: Callable[[str], object]) -> Iterator[None]:
    """Hold the lock of a folder, which is made if it is missing.

    A folder that was made here is removed at the end if it is empty, with the empty ones above it.

    report: a function that is called with one line of text if the folder cannot be locked here.
    Raises ``FolderInUse`` if another process holds the lock, and OSError if the folder cannot be made.
    """
    missing = [each for each in (folder, *folder.parents) if not each.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    descriptor = lock_folder(folder)
    if descriptor is None:
        report(f"{folder} cannot be locked on this system; start no other run into it meanwhile")
    try:
        yield
    finally:
        _remove_empty(missing)
        if descriptor is not None:
            os.close(descriptor)


@contextmanager
def locked_folders(folders: Iterable[Path], report: Callable[[str], object]) -> Iterator[None]:
    """Hold the locks of several folders, which may be equal; see ``locked_folder``."""
    with ExitStack() as stack:
        for folder in sorted({each.resolve() for each in folders}):
            stack.enter_context(locked_folder(folder, report))
        yield


def _remove_empty(folders: list[Path]) -> None:
    """Remove folders, inner ones first, up to the first one that is not empty."""
    with suppress(OSError):
        for folder in folders:
            folder.rmdir()


def lock_folder(folder: Path) -> int | None:
    """Lock a folder until the returned file descriptor is closed; None where there are no such locks.

    Raises ``FolderInUse`` if another process, or another call in this process, holds the lock.
    """
    if sys.platform == "win32":
        return None
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:  # some file systems of networks have no locks
        os.close(descriptor)
        if not isinstance(error, BlockingIOError):
            return None
        raise FolderInUse(
            f"{folder} is in use by another run; wait for its end, or name another folder"
        ) from None
    return descriptor
