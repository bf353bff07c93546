"""Our merges timed by pytest-benchmark, to develop by: how fast is mine, beside what was there before?

    tox run -e bench                                        # all; `pytest benchmarks` where it is installed
    tox run -e bench -- -k c-average-512x1024-mild-1thread  # one
    tox run -e bench -- --benchmark-compare                 # beside the last run, kept in runs/benchmarks
    tox run -e bench -- --benchmark-group-by=param:backend,param:linkage

Timing boundary: ``merge(problem, backend, threads)`` in the benchmark's own process, which stays on one core
for one thread; a checked problem in memory (uint16 affinities and mask) in; labels, sizes, confidences and
history out. Results of built-in backends are not verified within that time. Before anything is timed, a
process of its own merges the problem once: its result has to be the baseline's to the bit; its peak memory
is noted.

Cells come one after the other in one process, so a ratio of two of them is only as good as the machine is
quiet. Ratios that are published come from ``python -m bench run speed``: in turns, isolated.
"""
