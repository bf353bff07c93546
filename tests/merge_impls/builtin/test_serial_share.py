"""The merges that the backend ``c`` makes on several workers and on one, counted in C."""

import runpy
import subprocess
import sys
from pathlib import Path

import pytest

from merge_impls import first_difference, merge
from merge_impls.fields import graph_of_family

PROGRAMS = Path(__file__).parents[2] / "c_merge"
CountingLibrary = runpy.run_path(str(PROGRAMS / "serial_share.py"))["CountingLibrary"]
GRIDS = ("street-mild", "eight-bit", "dense-2d", "dense-3d", "uniform-random", "meeting-segments")
LISTS = ("star", "hubs", "regions")
EDGES = 3000


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    """The counting library with small tiles, so that small problems are divided among workers."""
    built = tmp_path_factory.mktemp("rounds") / "rounds.so"
    options = [f"OUT={built.parent}", f"PYTHON={sys.executable}", "CC=cc", "VARIANT=$(TILED)"]
    command = ["make", "-s", "-C", PROGRAMS, built, *options]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return CountingLibrary(built)


@pytest.mark.parametrize("linkage", ["average", "weighted"])
@pytest.mark.parametrize("family", [*GRIDS, *LISTS])
def test_all_merges_are_counted_for_any_number_of_workers(library, family, linkage):
    problem = graph_of_family(family, EDGES, linkage=linkage)
    expected = merge(problem, "heap")
    for threads in (1, 2, 3, 4, 8, 16):
        counted = library.merge(problem, threads)
        merges = len(expected.history)
        assert first_difference(expected, counted.result) is None
        assert counted.parallel + counted.serial == merges
        assert counted.serial <= counted.chain <= merges <= counted.chain * threads


def test_one_worker_makes_all_merges_serially(library):
    counted = library.merge(graph_of_family("dense-2d", EDGES), 1)
    assert counted.parallel == 0 < counted.serial


@pytest.mark.parametrize("family", ["dense-2d", "uniform-random", "meeting-segments"])
def test_more_workers_leave_no_more_merges_to_the_last_one(library, family):
    problem = graph_of_family(family, EDGES)
    with_two = library.merge(problem, 2).serial
    for threads in (4, 8, 16):
        assert library.merge(problem, threads).serial <= with_two


@pytest.mark.parametrize("family", ["dense-2d", "uniform-random", "meeting-segments"])
def test_several_workers_make_some_merges_at_the_same_time(library, family):
    counted = library.merge(graph_of_family(family, EDGES), 4)
    assert 0 < counted.parallel and counted.chain < len(counted.result.history)
