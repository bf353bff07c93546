"""Merges by others, and what sorting alone takes: beside ours in speed tables, never in conformance.

Each is declared as a backend is, and runs in a worker as one does, named by ``target``. ``description`` says
what it computes: none computes what the contract says. ``missing()`` says what to install.

Timing boundary: its time is that of the library's own call, from the input that suits it best, which
``prepare`` makes; ``finish`` makes labels of what it returned. What both take is kept apart.
"""

from bench.methods.bioimage import (
    GASP_MEAN,
    MULTICUT_GREEDY,
    MULTICUT_KERNIGHAN_LIN,
    MUTEX_WATERSHED,
)
from bench.methods.higra import AVERAGE
from bench.methods.mwatershed import AGGLOM
from bench.methods.sorting import RADIX_SORT, SORT
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
        "sorting:SORT": SORT,
        "sorting:RADIX_SORT": RADIX_SORT,
    }.items()
}
"""By name: what a worker is to load, and the declaration."""
