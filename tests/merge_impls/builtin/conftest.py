"""One of the processes that run the tests compiles the kernels of numba; the others wait for its cache.

All of these processes import the modules of this folder at the same time. With an empty cache, each of
them would compile all kernels, which takes half a minute.
"""

import fcntl
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

BACKEND = "merge_impls.builtin.numba_merge"

if find_spec("numba"):
    with Path(find_spec(BACKEND).origin).open() as source:
        fcntl.flock(source, fcntl.LOCK_EX)
        import_module(BACKEND)
