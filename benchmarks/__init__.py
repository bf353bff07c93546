"""Merges and other slow steps timed by pytest-benchmark, for development.

    tox run -e benchmarks                                        # all; or `pytest benchmarks`, if installed
    tox run -e benchmarks -- -k c-average-512x1024-mild-1thread  # one
    tox run -e benchmarks -- --benchmark-compare                 # beside the last run, in runs/benchmarks
    tox run -e benchmarks -- --benchmark-group-by=param:backend,param:linkage

What is timed: ``merge(problem, backend, threads)`` in the benchmark's own process, pinned to one core for
one thread, from a checked problem in memory (uint16 affinities and mask) to labels, sizes, confidences and
history. Results of built-in backends are not verified within that time. Before anything is timed, a worker
process merges the problem once: its result has to equal the baseline's to the bit, and its peak memory is
stored.

Benchmarks run one after the other, so the ratio of two of them is only as good as the machine is quiet.
Published ratios come from ``python -m bench run speed``: interleaved rounds in processes of their own.
"""
