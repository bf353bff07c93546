"""Limit the memory of this process, and measure its peak."""

import sys
from pathlib import Path

STATUS, CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")


def limit_memory(limit: int) -> None:
    """Let this process hold at most ``limit`` bytes of data; beyond that allocations fail.

    The limit is on data and not on address space, which some libraries reserve by the terabyte;
    shared mappings do not count. A lower limit of the system stays. Does nothing on Windows.
    """
    if sys.platform != "win32":
        import resource

        _, hard = resource.getrlimit(resource.RLIMIT_DATA)
        if hard != resource.RLIM_INFINITY:
            limit = min(limit, hard)
        resource.setrlimit(resource.RLIMIT_DATA, (limit, hard))


class PeakMemory:
    """The peak of the resident memory since this object was made; measured on Linux only."""

    def __init__(self) -> None:
        self._before: int | None
        try:
            CLEAR.write_text("5")  # resets the peak to what is held now
            self._before = self._status_kilobytes("VmRSS")
        except OSError:
            self._before = None

    def growth(self) -> int | None:
        """The peak in bytes above the memory at the beginning; None where it cannot be measured."""
        if self._before is None:
            return None
        return max(0, self._status_kilobytes("VmHWM") - self._before) * 1024

    @staticmethod
    def _status_kilobytes(name: str) -> int:
        line = next(line for line in STATUS.read_text().splitlines() if line.startswith(name))
        return int(line.split()[1])
