"""Compile the C files in this folder to the Python module merge_impls._c_merge, with cffi.

setup.py names this script, so pip runs it. To compile by hand, run ``python
c_merge/build_c_merge.py`` in the project's root. Paths are relative to the root, because setuptools
requires this.
"""

import os
from pathlib import Path

from cffi import FFI

SOURCES = ("check_problem.c", "heap/*.c", "fast/*.c")
HEADERS = ("*.h", "heap/*.h", "fast/*.h")

# -ffp-contract=off: CONTRACT.md fixes the bits of a weight, so multiply and add must not be fused.
# -g0, unless CFLAGS contains -g: debugging symbols contain the path of the build folder, and equal
#   sources should compile to equal bytes.
# -D_GNU_SOURCE: declares madvise on Linux.
# -Wno-psabi: vectors as arguments of functions are harmless, because no file passes one to another.
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
    """The files in this folder that match one of the patterns, sorted, as paths from the root."""
    return sorted(str(path) for pattern in patterns for path in Path("c_merge").glob(pattern))


def declarations(header: str) -> str:
    """A header without the lines of the preprocessor, which cffi cannot parse."""
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
