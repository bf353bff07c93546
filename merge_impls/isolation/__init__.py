"""A backend in a process of its own: what it breaks, leaks or loads stays there.

:class:`Worker` is what callers use. It owns a ``ChildProcess``, the pipe to it and its end. In the
child, ``child_main`` reads requests and ``child_operations`` carries them out. ``protocol`` says what the
two sides send each other.
"""

from merge_impls.isolation.protocol import Answer, BackendFailed
from merge_impls.isolation.worker import Worker

__all__ = ["Answer", "BackendFailed", "Worker"]
