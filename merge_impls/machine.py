"""Describe the machine and the installed versions, which are recorded beside measured times."""

import os
import platform
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np


def describe_machine() -> dict[str, str | int]:
    """The processor, the usable cores, the operating system, and versions of libraries.

    "cores" is the number of the usable cores, and "affinity" names them, such as "0-3,8".
    "numpy dispatch" is the widest instruction set that numpy uses.
    """
    return {
        "processor": _processor_name(),
        "architecture": platform.machine(),
        "cores": len(usable_core_numbers()),
        "affinity": format_ranges(usable_core_numbers()),
        "system": f"{platform.system()} {platform.release().split('-')[0]}",
        "python": platform.python_version(),
        "numpy": np.__version__,
        "numpy dispatch": _widest_instruction_set(),
        "numba": _installed_version("numba"),
    }


def usable_core_numbers() -> list[int]:
    """The numbers of the cores that this process may use.

    These are all cores on a system that does not report which ones a process may use.
    """
    if hasattr(os, "sched_getaffinity"):
        return sorted(os.sched_getaffinity(0))
    return list(range(os.cpu_count() or 1))


def format_ranges(numbers: Sequence[int]) -> str:
    """Sorted integers as ranges: "0-3,8" for 0, 1, 2, 3 and 8."""
    ranges: list[list[int]] = []
    for number in numbers:
        if ranges and number == ranges[-1][-1] + 1:
            ranges[-1] = [ranges[-1][0], number]
        else:
            ranges.append([number])
    return ",".join("-".join(map(str, each)) for each in ranges)


def _widest_instruction_set() -> str:
    """The widest instruction set that numpy uses on this machine."""
    found = np.show_config(mode="dicts")["SIMD Extensions"]
    return ["none", *found.get("baseline", []), *found.get("found", [])][-1]


def _installed_version(distribution: str) -> str:
    try:
        return version(distribution)
    except PackageNotFoundError:
        return "absent"


def _processor_name() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or "unknown"
    return next(
        (line.partition(":")[2].strip() for line in lines if line.startswith("model name")),
        "unknown",
    )
