"""One backend in a process of its own: what it breaks, leaks or loads stays there."""

from merge_impls.isolation.protocol import Answer, BackendFailed
from merge_impls.isolation.worker import Worker

__all__ = ["Answer", "BackendFailed", "Worker"]
