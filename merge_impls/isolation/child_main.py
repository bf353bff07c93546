"""The main function of a child process: load the backend, then answer requests."""

import multiprocessing
import os
from multiprocessing.connection import Connection, wait
from threading import Thread
from time import perf_counter

from merge_impls.argument_checks import one_line_error_message
from merge_impls.isolation.child_operations import OBSERVING, perform_operation
from merge_impls.isolation.loaded_code import CodeObserver
from merge_impls.isolation.memory import keep_freed_memory, limit_memory
from merge_impls.isolation.protocol import ChildOptions, Reply, Request
from merge_impls.merging import load_backend
from merge_impls.registry import backends, import_entry_points


def serve_requests(connection: "Connection[Reply, Request | None]", options: ChildOptions) -> None:
    """Load the backend, then answer requests, as ``protocol`` defines, until None is received."""
    _detach_from_parent()
    if options.threads == 1:
        _pin_to_core(options.core)
    if options.memory is not None:
        limit_memory(options.memory)
    keep_freed_memory()
    start, observer = perf_counter(), CodeObserver()
    try:
        import_entry_points(options.backend)
        observer.leave_out(backends)  # this imports the declarations of all other backends
        loaded = load_backend(options.backend)
    except Exception as error:
        connection.send(("unavailable", one_line_error_message(error)))
        return
    if loaded.backend.threads == 1:
        _pin_to_core(options.core)
    connection.send((None, (loaded.backend, perf_counter() - start)))
    while (request := _next_request(connection)) is not None:
        operation, arguments = request
        if operation in OBSERVING:
            arguments = {"observer": observer, **arguments}
        connection.send(perform_operation(loaded, options.backend, operation, arguments))


def _detach_from_parent() -> None:
    """Start a new process group, and exit when the parent process ends.

    The parent can then kill this process together with all processes that it starts.
    """
    if hasattr(os, "setsid"):
        os.setsid()  # Ctrl-C in the terminal then interrupts the parent only
    multiprocessing.current_process().daemon = False  # Python forbids daemons to start processes
    parent = multiprocessing.parent_process()
    if parent is None:
        raise RuntimeError("serve_requests() runs in a process that multiprocessing started")
    Thread(target=_exit_when_parent_ends, args=(parent.sentinel,), daemon=True).start()


def _exit_when_parent_ends(sentinel: int) -> None:
    wait([sentinel])
    os._exit(1)


def _pin_to_core(core: int | None) -> None:
    if core is not None:
        os.sched_setaffinity(0, {core})


def _next_request(connection: "Connection[Reply, Request | None]") -> Request | None:
    """Wait for the next request; None if there will be no more."""
    try:
        return connection.recv()
    except EOFError:
        return None
