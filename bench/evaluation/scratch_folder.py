"""Temporary folders of the evaluation. Those that a killed process has left are removed by the next one."""

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from merge_impls.folder_lock import FolderInUse, lock_folder

PREFIX = "merge-bench-"
UNTOUCHED_SECONDS = 60
"""A folder that was changed more recently is left, because its process may not have locked it yet."""


@contextmanager
def scratch_folder(purpose: str) -> Iterator[Path]:
    """A temporary folder, which is locked and is removed at the end. ``purpose`` is a part of its name."""
    _remove_abandoned(purpose)
    with tempfile.TemporaryDirectory(prefix=f"{PREFIX}{purpose}-") as name:
        descriptor = lock_folder(Path(name))
        try:
            yield Path(name)
        finally:
            if descriptor is not None:
                os.close(descriptor)


def _remove_abandoned(purpose: str) -> None:
    """Remove the folders of this purpose and user that no process has locked."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}{purpose}-*"):
        with suppress(FolderInUse, OSError):
            state = folder.stat(follow_symlinks=False)
            recent = time.time() - state.st_mtime < UNTOUCHED_SECONDS
            if state.st_uid != os.getuid() or recent or folder.is_symlink():
                continue
            descriptor = lock_folder(folder)
            if descriptor is not None:
                shutil.rmtree(folder, ignore_errors=True)
                os.close(descriptor)
