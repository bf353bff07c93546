"""Workers of backends and of executors that fork from a process which has imported large libraries already.

Most of the time of a worker in a test goes into the start of Python and into imports. Tests of the isolation,
of the commands in pages and of the notebooks start their workers as users do.
"""

import multiprocessing
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from multiprocessing import forkserver

from merge_impls.isolation import child_process

LIBRARIES = ("merge_impls.isolation.child_main", "networkx", "numba", "pytest")
"""What the server imports: no module of a backend, and not torch, which makes each fork slow."""

LIBRARIES_OF_EXECUTORS = (*LIBRARIES, "torch", "bench.runner.image_problems")
"""What the server of executors imports: each of their workers needs torch, whose import takes seconds."""


@contextmanager
def prepared_workers(libraries: Sequence[str] = LIBRARIES) -> Iterator[None]:
    """Fork the workers that are started in a ``with`` statement from a server.

    The server runs until this process ends, or until it is needed with other libraries. It keeps the
    environment variables that this process has when the server starts.
    """
    if [*libraries] != forkserver._forkserver._preload_modules:
        forkserver._forkserver._stop()
        multiprocessing.set_forkserver_preload([*libraries])
    forkserver.ensure_running()
    before = child_process.PROCESS_CONTEXT
    child_process.PROCESS_CONTEXT = multiprocessing.get_context("forkserver")
    try:
        yield
    finally:
        child_process.PROCESS_CONTEXT = before
