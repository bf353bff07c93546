"""How much memory a process takes, and how much it may take."""

import sys
from pathlib import Path

STATUS, CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")


def limit_memory(limit: int) -> None:
    """Let this process have at most ``limit`` bytes of data; what asks for more gets MemoryError.

    Data and not address space, which some libraries reserve by the terabyte; what is mapped to be
    shared does not count. A lower limit of the system stays. Does nothing where there are none.
    """
    if sys.platform != "win32":
        import resource

        _, hard = resource.getrlimit(resource.RLIMIT_DATA)
        if hard != resource.RLIM_INFINITY:
            limit = min(limit, hard)
        resource.setrlimit(resource.RLIMIT_DATA, (limit, hard))


class PeakMemory:
    """Resident memory from its making on; Linux only, elsewhere ``growth`` is None."""

    def __init__(self) -> None:
        try:
            CLEAR.write_text("5")  # the peak starts anew from what is held now
            self._before = self._kilobytes("VmRSS")
        except OSError:
            self._before = None

    def growth(self) -> int | None:
        """The peak in bytes above what was held at the beginning."""
        if self._before is None:
            return None
        return max(0, self._kilobytes("VmHWM") - self._before) * 1024

    @staticmethod
    def _kilobytes(name: str) -> int:
        line = next(line for line in STATUS.read_text().splitlines() if line.startswith(name))
        return int(line.split()[1])
