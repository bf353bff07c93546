"""Options and fixtures of the benchmarks, and the plot of time against edges after a run."""

from pathlib import Path

import pandas as pd
import pytest

from bench.report.figures.time_against_edges import plot_time_against_edges
from bench.report.tables.time_against_edges import fit_exponent, time_against_edges_row
from benchmarks.check_and_time import check_and_time

ROWS = pytest.StashKey[list[dict]]()


def pytest_addoption(parser):
    parser.addoption(
        "--scaling-plot",
        type=Path,
        metavar="PNG",
        help="Write a plot of time against edges (one thread) here if fields of several sizes were timed.",
    )
    parser.addoption(
        "--large-frames",
        choices=("tiles", "whole"),
        help="Run a network on large frames in tiles; 'whole': also on the whole frame. Takes minutes.",
    )


def pytest_configure(config):
    config.stash[ROWS] = []


@pytest.fixture
def time_merge(benchmark, pytestconfig):
    """A function that checks and times a merge, for the time that the options of pytest-benchmark allow."""
    max_time = float(pytestconfig.getoption("benchmark_max_time"))
    min_rounds = pytestconfig.getoption("benchmark_min_rounds")

    def run(merged, backend, threads, group):
        benchmark.group = group
        check_and_time(benchmark, merged, backend, threads, max_time, min_rounds)

    return run


@pytest.fixture
def add_to_scaling_plot(benchmark, pytestconfig):
    """A function that adds the last times to the plot; its arguments are ``names`` of
    ``time_against_edges_row`` and the numbers of edges and merges, by name."""

    def add(names, facts):
        if benchmark.enabled:
            seconds = benchmark.stats.stats.data
            pytestconfig.stash[ROWS].append(
                time_against_edges_row(names, facts["edges"], facts["merges"], seconds)
            )

    return add


def pytest_terminal_summary(terminalreporter, config):
    frame = pd.DataFrame(config.stash[ROWS])
    path = config.getoption("scaling_plot")
    if path is None or frame.empty or frame["size"].nunique() < 2:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    plot_time_against_edges(frame, path)
    terminalreporter.section(f"time against edges: {path}")
    for key, line in frame.groupby(["backend", "linkage", "noise"]):
        fitted = fit_exponent(line)
        if fitted == fitted:  # it is nan unless all sizes were timed
            terminalreporter.line(f"{', '.join(key)}: exponent {fitted:.2f}")
