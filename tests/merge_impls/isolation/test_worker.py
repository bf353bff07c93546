"""A worker runs a backend in a child process, and returns its results, its times and its memory."""

import ctypes
import os
import re
import resource
import sys
from multiprocessing import active_children
from pathlib import Path

import pytest

from merge_impls import MergeProblem, first_difference, merge
from merge_impls.isolation import BackendFailed, MeasuredMerge, Worker, child_operations
from merge_impls.merging import load_backend
from tests.merge_impls.isolation.misbehaving import MISBEHAVING, failure_of


def test_a_worker_returns_the_result_of_the_backend_to_the_bit(problem):
    with Worker("c") as worker:
        answer = worker.merge(problem)
        again = worker.merge(problem)
        assert worker.first_call_seconds > 0
        pids = {child.pid for child in active_children()}
    assert first_difference(merge(problem, "c"), answer.result) is None
    assert first_difference(answer.result, again.result) is None
    assert answer.conversion_seconds > 0 and answer.call_seconds > 0
    assert answer.seconds >= answer.conversion_seconds + answer.call_seconds
    assert answer.modified == ""
    assert pids and not pids & {child.pid for child in active_children()}


def test_a_short_merge_is_repeated_and_its_median_call_counts(problem, monkeypatch):
    times, right = iter([1.0, 5.0, 2.0, 9.0]), merge(problem)

    def merge_in_known_time(*_):
        seconds = next(times)
        return MeasuredMerge(right, seconds, cpu_seconds=seconds / 2)

    monkeypatch.setattr(child_operations, "_time_one_merge", merge_in_known_time)
    loaded, arguments = load_backend("heap"), {"threads": 1, "verify": False, "strided": False}
    measure = child_operations.OPERATIONS["merge"]
    assert measure(loaded, problem, **arguments, least_seconds=8).cpu_seconds == 1
    assert next(times) == 9
    times = iter([7.0])
    assert measure(loaded, problem, **arguments).seconds == 7


def test_a_worker_of_one_thread_is_pinned_to_its_core(plug_in, problem):
    core = max(os.sched_getaffinity(0))
    plug_in(here=MISBEHAVING.format("raise OSError(str(sorted(os.sched_getaffinity(0))))"))
    with Worker("here", core=core) as worker:
        assert failure_of(worker, problem).startswith(f"backend here: OSError: [{core}] (")


def test_the_first_call_includes_what_the_backend_imports(plug_in):
    plug_in(
        heavy="""
import time
from merge_impls import Backend
merge = Backend("heavy", "", "1", "heavy_parts:merge")
"""
    )
    (Path(sys.path[0]) / "heavy_parts.py").write_text(
        "import time\ntime.sleep(0.5)\nfrom merge_impls.builtin.networkx_merge import merge\n"
    )
    with Worker("heavy") as worker:
        assert worker.first_call_seconds >= 0.5


def test_a_backend_may_start_processes(plug_in, problem):
    pool = (
        "import multiprocessing as m; raise OSError(m.get_context('fork').Pool(1).map(abs, [-7]))"
    )
    plug_in(pooled=MISBEHAVING.format(pool))
    with Worker("pooled") as worker:
        assert "OSError: [7]" in failure_of(worker, problem)


def test_a_backend_without_a_conversion_has_no_conversion_seconds(problem):
    with Worker("numba") as worker:
        assert worker.merge(problem).conversion_seconds is None


WRITES = """
        import ctypes
        ctypes.memset(problem.affinities.ctypes.data, 0, 2)
"""


def test_a_backend_that_changes_its_input_is_reported(plug_in, problem):
    plug_in(writing=MISBEHAVING.format(WRITES))
    with Worker("writing") as worker:
        assert worker.merge(problem).modified == "affinities"


def test_arrays_that_are_not_contiguous_reach_the_backend_as_they_are(plug_in, problem):
    shows = "raise ValueError([a.flags.c_contiguous for a in (problem.affinities, problem.mask)])"
    plug_in(shows=MISBEHAVING.format(shows))
    with Worker("shows") as worker, pytest.raises(BackendFailed, match=r"\[False, False\]"):
        worker.merge(problem, strided=True)
    with Worker("c") as worker:
        strided = worker.merge(problem, strided=True)
    assert first_difference(merge(problem, "c"), strided.result) is None


def test_the_peak_is_the_memory_above_what_the_process_held_before(plug_in, problem):
    plug_in(large=MISBEHAVING.format("b'x' * (100 << 20)"))
    with Worker("large") as worker:
        peak = worker.merge(problem).peak_bytes
    assert peak is None or 90 << 20 <= peak < 200 << 20


def test_the_peak_of_a_problem_is_measured_in_its_first_merge(problem):
    other = problem.replace(thresholds=problem.thresholds / 2)
    with Worker("c") as worker:
        peaks = [worker.merge(each).peak_bytes for each in (problem, problem, other, other)]
    assert peaks[1] is None and peaks[3] is None
    assert (peaks[0] is None) == (peaks[2] is None)


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "mallopt"), reason="the C library is not glibc")
def test_a_worker_keeps_freed_memory_for_the_next_merge(plug_in, problem):
    """After its first merges, a block of memory that a merge frees has its pages in the next merge."""
    count = (
        "import resource as r; before = r.getrusage(r.RUSAGE_SELF).ru_minflt; b'x' * (20 << 20); "
        "raise OSError(r.getrusage(r.RUSAGE_SELF).ru_minflt - before)"
    )
    plug_in(counts=MISBEHAVING.format(count))
    with Worker("counts") as worker:
        found = [failure_of(worker, problem) for _ in range(3)]
    pages = [int(re.search(r"OSError: (\d+)", each)[1]) for each in found]
    assert pages[-1] < (20 << 20) // resource.getpagesize() // 10


def test_concurrent_merges_give_the_same_results_as_single_merges(problem):
    other = MergeProblem.from_edges(3, [(0, 1), (1, 2)], [0.9, 0.1], [0, 0], [0.5])
    with Worker("c") as worker:
        results = worker.merge_concurrently([problem, other, problem])
    for given, result in zip([problem, other, problem], results, strict=True):
        assert first_difference(merge(given, "c"), result) is None


def test_the_bare_function_can_be_called_with_any_argument(plug_in):
    plug_in(shrugs="def merge(problem):\n    return getattr(problem, 'mask', 0) * 1\n")
    with Worker("c") as worker:
        assert worker.call_unchecked(None).startswith("AttributeError: ")
    with Worker("shrugs") as worker:
        assert worker.call_unchecked([]) == ""


def test_a_function_can_be_named_by_its_module(plug_in, problem):
    plug_in(mine=MISBEHAVING.format("pass"))
    with Worker("mine_backend:merge") as worker:
        result = worker.merge(problem, verify=True).result
    assert first_difference(merge(problem, "c"), result) is None
    with Worker("mine_backend:nothing") as worker, pytest.raises(BackendFailed) as failed:
        worker.start()
    assert failed.value.kind == "unavailable" and "does not load" in str(failed.value)
