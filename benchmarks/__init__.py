"""Benchmarks of merges and other slow steps with pytest-benchmark, for development.

This folder has nothing to do with ``bench``, which holds the studies.

    tox run -e benchmarks                                        # all; or `pytest benchmarks`, if installed
    tox run -e benchmarks -- -k c-average-512x1024-mild-1thread  # one
    tox run -e benchmarks -- --benchmark-compare                 # compared with the last run
    tox run -e benchmarks -- --benchmark-group-by=param:backend,param:linkage

A benchmark of a merge times ``merge(problem, backend, threads)`` in the process of pytest, on one core if it
has one thread. The input is a checked problem in memory (uint16 affinities and a mask); the output is labels,
sizes, confidences and history. First, a worker process merges the problem once, untimed: its result must
equal that of the baseline bit for bit, and its peak memory is stored.

Benchmarks run one after the other, so ratios between them are unreliable on a busy machine. Published ratios
come from ``python -m bench run speed``, which interleaves the backends, each in its own process.
"""
