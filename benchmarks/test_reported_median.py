"""The median time that a study reports for a backend is within 5 % of that of a bare loop over ``merge``.

    pytest benchmarks -k reported_median

In each round a worker process, as in a study, and this process merge the same street in turn, on one core.
"""

import os
from time import perf_counter

import numpy as np
import pytest

from merge_impls import fields, merge
from merge_impls.isolation import Worker
from merge_impls.machine import usable_core_numbers
from merge_impls.timing import InterleavedRounds

SIZE = (512, 1024)
ROUNDS = {"c": 21, "numba": 21, "heap": 7}
MAX_DIFFERENCE = 0.05


@pytest.mark.parametrize("linkage", ["average", "weighted"])
@pytest.mark.parametrize("backend", ROUNDS)
def test_reported_median_is_that_of_a_bare_loop(backend, linkage, capsys):
    reported, bare = time_in_turn(fields.field(*SIZE, linkage=linkage), backend)
    ratio = np.median(np.divide(reported, bare))
    line = (
        f"{backend}, {linkage}: reported {1000 * np.median(reported):.1f} ms, bare loop "
        f"{1000 * np.median(bare):.1f} ms, median ratio {ratio:.3f} ({len(bare)} rounds)"
    )
    with capsys.disabled():
        print(f"\n{line}")
    assert abs(ratio - 1) <= MAX_DIFFERENCE, line


def time_in_turn(problem, backend):
    """The seconds of each round that a worker reports, and those of ``merge(problem)`` in this process."""
    core, cores = usable_core_numbers()[-1], os.sched_getaffinity(0)
    bare = []
    os.sched_setaffinity(0, {core})
    try:
        with Worker(backend, 1, core) as worker:
            rounds = InterleavedRounds(problem, [worker])
            merge(problem, backend)  # imports and compiles
            for _ in range(ROUNDS[backend]):
                rounds.run_round()
                start = perf_counter()
                merge(problem, backend)
                bare.append(perf_counter() - start)
    finally:
        os.sched_setaffinity(0, cores)
    run = rounds.runs[worker.name]
    assert not run.failed, run.failed
    return run.seconds, bare
