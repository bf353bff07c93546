"""Compiles the C in this folder into merge_impls._c_merge (cffi, out of line, API mode).

setup.py names this script, so that pip runs it; by hand: ``python c_merge/build_c_merge.py``. Paths
are relative to the project's root, as setuptools wants them.
"""

import os
from pathlib import Path

from cffi import FFI

SOURCES = ("check_problem.c", "heap/*.c", "fast/*.c")
HEADERS = ("*.h", "heap/*.h", "fast/*.h")

# The contract fixes the bits of a weight: no fused multiply-add, nothing of -ffast-math.
# No debugging symbols unless CFLAGS asks for them: they contain the build's folder, and equal sources
# should give equal bytes.
# _GNU_SOURCE: for madvise, where there is one. -Wno-psabi: no vector is passed between files.
FLAGS = [
    "-std=c11",
    "-D_GNU_SOURCE",
    "-O3",
    "-g" if "-g" in os.environ.get("CFLAGS", "").split() else "-g0",
    "-ffp-contract=off",
    "-pthread",
    "-Wall",
    "-Wextra",
    "-Wno-psabi",
]


def files(*patterns: str) -> list[str]:
    """The files in this folder that match, sorted, as paths from the root."""
    return sorted(str(path) for pattern in patterns for path in Path("c_merge").glob(pattern))


def declarations(header: str) -> str:
    """What cffi parses of a header: all of it but the preprocessor's lines."""
    return "\n".join(line for line in header.splitlines() if not line.startswith("#"))


ffibuilder = FFI()
ffibuilder.cdef(declarations(Path("c_merge/merge.h").read_text()))
ffibuilder.set_source(
    "merge_impls._c_merge",
    '#include "merge.h"',
    sources=files(*SOURCES),
    depends=files(*HEADERS),
    include_dirs=["c_merge"],
    extra_compile_args=FLAGS,
    extra_link_args=["-pthread"],
)

if __name__ == "__main__":
    ffibuilder.compile(verbose=True)
