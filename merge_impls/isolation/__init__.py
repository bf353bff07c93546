"""Run a backend in a child process, so that a crash or a memory leak does not affect the caller.

In the parent process, callers use ``Worker`` (``worker_in_parent``), which starts and ends a
``ChildProcess`` (``child_process``). In the child process, ``child_main`` receives requests and
``child_operations`` carries them out. ``protocol`` defines the messages between the two processes.
"""

from merge_impls.isolation.loaded_code import CodeDigest
from merge_impls.isolation.protocol import BackendFailed, MeasuredMerge
from merge_impls.isolation.worker_in_parent import Worker

__all__ = ["BackendFailed", "CodeDigest", "MeasuredMerge", "Worker"]
