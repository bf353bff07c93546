"""The benchmarks: which there are, what they store, and that wrong results get no time."""

import json
import os
import subprocess
import sys
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from benchmarks.check_and_time import check_and_time
from benchmarks.problems import MergedProblem, tied_edges_share, tied_merges_share
from merge_impls import MergeProblem, backends, fields, merge

ROOT = Path(__file__).parents[2]
SMALLEST = "c-average-128x256-mild-1thread"


def run_benchmarks(*options):
    """Run pytest on the benchmarks in the clone and return its output."""
    command = [sys.executable, "-m", "pytest", "benchmarks", "-p", "no:cacheprovider", *options]
    done = subprocess.run(map(str, command), cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


WRONG_WHEN_TIMED = """
from dataclasses import replace
from multiprocessing import parent_process
from merge_impls import merge as merge_with
def merge(problem):
    thresholds = problem.thresholds if parent_process() else problem.thresholds[::-1]
    return merge_with(problem.replace(thresholds=thresholds), "c")
"""
"""The source of a backend that is right in a worker process and wrong in the process that times it."""


class Stub:
    """Replaces the fixture of pytest-benchmark: it merges once and stores the cores of the process."""

    def __init__(self):
        self.extra_info, self.cores, self.has_error = {}, None, None

    def pedantic(self, target, arguments, rounds):
        self.cores, self.rounds = os.sched_getaffinity(0), rounds
        return target(*arguments)


@pytest.fixture(scope="module")
def merged():
    return MergedProblem(fields.field(24, 48))


def test_every_combination_of_parameters_has_a_benchmark():
    # Collecting needs neither the plug-in nor its options.
    plain = ("-o", "required_plugins=", "-o", "addopts=--import-mode=importlib")
    found = run_benchmarks("--collect-only", "-q", *plain).splitlines()
    ids = [line[:-1].partition("[")[2] for line in found if "test_field[" in line]
    sizes = ("128x256", "256x512", "512x1024", "1024x2048")
    expected = {
        f"{backend}-{linkage}-{size}-{noise}-{threads}"
        for backend, linkage, size, noise in product(
            ("heap", "c", "numba"), ("average", "weighted"), sizes, ("mild", "strong")
        )
        for threads in ("1thread", "2threads")
        if threads == "1thread" or (backend != "heap" and backends()[backend].threads != 1)
    }
    assert len(ids) == len(set(ids)) and set(ids) == expected
    assert any("test_map[" in line for line in found)


def test_a_benchmark_stores_its_facts_and_two_sizes_make_a_plot(tmp_path):
    pytest.importorskip("pytest_benchmark", reason="pytest-benchmark is not installed: benchmarks")
    plot, saved = tmp_path / "plot.png", tmp_path / "saved.json"
    quick = ("--benchmark-max-time=0.001", f"--benchmark-storage={tmp_path / 'runs'}")
    chosen = f"{SMALLEST} or {SMALLEST.replace('128x256', '256x512')}"
    options = (f"--scaling-plot={plot}", f"--benchmark-json={saved}")
    run_benchmarks("-k", chosen, *quick, *options)
    first, second = json.loads(saved.read_text())["benchmarks"]
    assert first["name"] == f"test_field[{SMALLEST}]"
    assert (first["group"], second["group"]) == ("128x256, mild, average", "256x512, mild, average")
    field = fields.field(128, 256)
    info = first["extra_info"]
    assert info["edges"] == field.count_edges()
    assert info["merges"] == len(merge(field).history)
    assert info["foreground_share"] == field.mask.mean()
    assert 0 < info["tied_merges_share"] < info["tied_edges_share"] < 1
    assert info["peak_bytes"] > 0
    assert plot.read_bytes().startswith(b"\x89PNG")


def test_a_merge_that_differs_from_the_baseline_is_not_timed(merged, plug_in, wrong):
    plug_in(wrong=wrong)
    stub = Stub()
    with pytest.raises(AssertionError, match="wrong is not heap: history differs at merge 2"):
        check_and_time(stub, merged, "wrong", 1, max_time=0.001, min_rounds=1)
    assert stub.cores is None


def test_a_time_whose_result_was_wrong_is_marked_as_an_error(merged, plug_in):
    plug_in(wrong_when_timed=WRONG_WHEN_TIMED)
    stub = Stub()
    with pytest.raises(
        AssertionError, match="wrong_when_timed is not heap when timed: history differs"
    ):
        check_and_time(stub, merged, "wrong_when_timed", 1, max_time=0.001, min_rounds=1)
    assert stub.has_error is True


def test_one_thread_is_timed_on_one_core_and_several_on_all(merged):
    mine = os.sched_getaffinity(0)
    for threads, cores in ((1, {max(mine)}), (2, mine)):
        stub = Stub()
        check_and_time(stub, merged, "c", threads, max_time=0.001, min_rounds=3)
        assert stub.cores == cores and stub.rounds >= 3 and stub.has_error is False
        assert os.sched_getaffinity(0) == mine


def test_a_weight_is_tied_if_another_of_its_stage_equals_it():
    edges = [(0, 1), (1, 2), (2, 3), (3, 4), (4, 5)]
    affinities = np.array([60000, 60000, 50000, 60000, 40000], np.uint16)
    problem = MergeProblem.from_edges(6, edges, affinities, [0, 0, 0, 1, 1], [0.1, 0.1])
    assert tied_edges_share(problem) == 2 / 5
    assert tied_merges_share(merge(problem)) == 2 / 5
    nothing = MergeProblem.from_edges(2, np.empty((0, 2), int), affinities[:0], [], [0.1])
    assert tied_edges_share(nothing) == tied_merges_share(merge(nothing)) == 0
