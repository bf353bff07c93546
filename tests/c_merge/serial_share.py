"""Count the merges that the backend ``c`` makes on one worker after all other workers have ended.

``python serial_share.py LIBRARY [EDGES]`` prints, for each family and linkage, two shares of all merges, in
percent. The serial share is made on one worker. The chain is the most merges of one worker in each round,
added over all rounds: no number of processors can make the merges in fewer steps. Nothing is timed.
LIBRARY is ``rounds.so``, which ``make OUT=FOLDER shares`` builds. EDGES is the size of the graphs.
"""

import ctypes
import sys
from dataclasses import dataclass
from pathlib import Path

from merge_impls._c_merge import ffi

from merge_impls import MergeProblem, MergeResult
from merge_impls.builtin.c_calls import call_c_function, prepare_for_c
from merge_impls.fields import FAMILIES, graph_of_family, reason_family_is_missing

LINKAGES = ("average", "weighted")
THREADS = (2, 4, 8, 16)
SIGNATURE = "int(*)(const merge_problem *, int32_t, merge_output *)"


@dataclass(frozen=True)
class CountedMerge:
    """A result and its numbers of merges: by several workers, by one worker, and in the longest chain."""

    result: MergeResult
    parallel: int
    serial: int
    chain: int


class CountingLibrary:
    """The fast merge, compiled with counters (rounds.c). path: the compiled library."""

    def __init__(self, path: Path):
        self._library = ctypes.CDLL(str(path))
        address = ctypes.cast(self._library.merge_fast, ctypes.c_void_p).value
        self._merge_fast = ffi.cast(SIGNATURE, address)

    def merge(self, problem: MergeProblem, threads: int) -> CountedMerge:
        """Merge a problem on at most ``threads`` threads and count its merges."""
        names = ("parallel_merges", "serial_merges", "longest_chain")
        counters = [ctypes.c_int64.in_dll(self._library, name) for name in names]
        for counter in counters:
            counter.value = 0
        result = call_c_function("c", self._merge_fast, prepare_for_c(problem), threads)
        return CountedMerge(result, *(counter.value for counter in counters))


def shares(library: CountingLibrary, problem: MergeProblem) -> list[str]:
    """The cells of a row: for each number of threads, the serial share and the chain in percent."""
    cells = []
    for threads in THREADS:
        counted = library.merge(problem, threads)
        percent = 100 / max(1, counted.parallel + counted.serial)
        cells.append(f"{percent * counted.serial:.1f} / {percent * counted.chain:.1f}")
    return cells


def main(path: Path, edges: int = 100_000) -> None:
    library = CountingLibrary(path)
    print("serial share / longest chain, in percent of all merges")
    print(f"{'family':24} {'linkage':9}", *(f"{f'{threads} threads':>13}" for threads in THREADS))
    for family in FAMILIES:
        if reason := reason_family_is_missing(family):
            print(f"{family:24} skipped: {reason}")
            continue
        for linkage in LINKAGES:
            cells = shares(library, graph_of_family(family, edges, linkage=linkage))
            print(f"{family:24} {linkage:9}", *(f"{cell:>13}" for cell in cells), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), *map(int, sys.argv[2:]))
