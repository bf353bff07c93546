"""Run a backend in a child process, so that a crash or a memory leak does not affect the caller.

Callers use ``Worker``, which starts and ends a ``ChildProcess``. In the child process, ``child_main``
receives requests and ``child_operations`` carries them out. ``protocol`` defines the messages
between the two processes.
"""

from merge_impls.isolation.protocol import Answer, BackendFailed
from merge_impls.isolation.worker import Worker

__all__ = ["Answer", "BackendFailed", "Worker"]
