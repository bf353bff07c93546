"""Limit the memory of the current process, keep or return what it frees, and measure the peak."""

import ctypes
import sys
from pathlib import Path

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3
"""The numbers of two parameters of glibc's ``mallopt``: when freed memory goes back to the system."""

STATUS_FILE, CLEAR_REFS_FILE = Path("/proc/self/status"), Path("/proc/self/clear_refs")


def limit_memory(limit: int) -> None:
    """Limit the data of this process to ``limit`` bytes. Allocations above the limit fail.

    Shared memory does not count. Neither does address space that is only reserved, because some
    libraries reserve terabytes. A lower limit of the system stays in force. On Windows, this function
    does nothing.
    """
    if sys.platform != "win32":
        import resource

        _, hard = resource.getrlimit(resource.RLIMIT_DATA)
        if hard != resource.RLIM_INFINITY:
            limit = min(limit, hard)
        resource.setrlimit(resource.RLIMIT_DATA, (limit, hard))


def keep_freed_memory() -> None:
    """Let this process keep the memory that it frees, as a process does that only merges in a loop.

    A worker also reads problems and sends results. Without this call, freeing them returns memory to the
    system, and each merge takes new pages. Blocks above 32 MiB are returned all the same. Where the C library
    is not glibc, this function does nothing.
    """
    library = _c_library()
    if library is not None and hasattr(library, "mallopt"):
        library.mallopt(M_TRIM_THRESHOLD, 2**31 - 1)
        library.mallopt(M_MMAP_THRESHOLD, 2**25)


def return_freed_memory() -> None:
    """Return the memory that this process has freed to the system, so that it does not hide a peak.

    Where the C library is not glibc, this function does nothing.
    """
    library = _c_library()
    if library is not None and hasattr(library, "malloc_trim"):
        library.malloc_trim(0)


def _c_library() -> ctypes.CDLL | None:
    """The C library of this process; None on systems other than Linux."""
    return ctypes.CDLL(None) if sys.platform == "linux" else None


class PeakMemory:
    """Measures how much the resident memory of this process grows, on Linux only."""

    def __init__(self) -> None:
        """Start the measurement."""
        self._before: int | None
        try:
            CLEAR_REFS_FILE.write_text("5")  # sets the peak, VmHWM, to the present memory
            self._before = self._status_kilobytes("VmRSS")
        except OSError:
            self._before = None

    def growth_in_bytes(self) -> int | None:
        """The peak of the memory minus the memory at the start, in bytes; None if not measured."""
        peak = self.peak_in_bytes()
        if self._before is None or peak is None:
            return None
        return max(0, peak - self._before * 1024)

    def peak_in_bytes(self) -> int | None:
        """The peak of the memory since the start of the measurement, in bytes; None if not measured."""
        return None if self._before is None else self._status_kilobytes("VmHWM") * 1024

    @staticmethod
    def _status_kilobytes(name: str) -> int:
        """The value of a line of /proc/self/status, such as VmRSS, the memory in use now."""
        line = next(line for line in STATUS_FILE.read_text().splitlines() if line.startswith(name))
        return int(line.split()[1])
