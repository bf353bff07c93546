"""Run a backend in a process of its own, so that a crash or a leak does not reach the caller.

Callers use :class:`Worker`. It starts and ends a ``ChildProcess``, which holds the pipe. In the
child, ``child_main`` reads requests and ``child_operations`` carries them out. ``protocol`` defines what
the two sides send each other.
"""

from merge_impls.isolation.protocol import Answer, BackendFailed
from merge_impls.isolation.worker import Worker

__all__ = ["Answer", "BackendFailed", "Worker"]
