"""Methods that turn a graph or a map into labels, beside the backends of ``merge_impls``.

``THIRD_PARTY`` holds merges by other libraries, and the sorting floor: the time that sorting all edges takes.
None computes what the contract says: ``description`` says what it computes. Each is declared like a backend,
and a worker loads it by its target; ``missing()`` says what to install.

Timing boundary: the library's own call. ``prepare`` makes the input that suits it best, and ``finish`` makes
labels of its output; the time of both is measured separately.
"""

from bench.methods.bioimage import (
    GASP_MEAN,
    MULTICUT_GREEDY,
    MULTICUT_KERNIGHAN_LIN,
    MUTEX_WATERSHED,
)
from bench.methods.higra import AVERAGE
from bench.methods.mwatershed import AGGLOM
from bench.methods.sorting_floor import RADIX_SORT, SORT
from merge_impls import Backend

THIRD_PARTY: dict[str, tuple[str, Backend]] = {
    method.name: (f"bench.methods.{target}", method)
    for target, method in {
        "bioimage:GASP_MEAN": GASP_MEAN,
        "bioimage:MUTEX_WATERSHED": MUTEX_WATERSHED,
        "bioimage:MULTICUT_GREEDY": MULTICUT_GREEDY,
        "bioimage:MULTICUT_KERNIGHAN_LIN": MULTICUT_KERNIGHAN_LIN,
        "higra:AVERAGE": AVERAGE,
        "mwatershed:AGGLOM": AGGLOM,
        "sorting_floor:SORT": SORT,
        "sorting_floor:RADIX_SORT": RADIX_SORT,
    }.items()
}
"""By name: the target that a worker loads, and the declaration."""
