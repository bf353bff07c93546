"""Writing files so that a reader never finds half of one.

The same as in ``merge_impls.files``, which ``models`` may not import.
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def atomic_write(path: Path) -> Iterator[Path]:
    """A temporary path beside ``path``, which replaces ``path`` in one step when the block ends well."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=f".{path.name}.") as scratch:
        partial = Path(scratch, path.name)
        yield partial
        os.replace(partial, path)
