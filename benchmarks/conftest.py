"""How a merge is timed, and the plot of time against edges that a run leaves."""

from pathlib import Path

import pandas as pd
import pytest

from bench.report.figures.scaling import plot_scaling
from bench.report.tables.scaling import exponent, scaling_row
from benchmarks.check_and_time import check_and_time

ROWS = pytest.StashKey[list[dict]]()


def pytest_addoption(parser):
    parser.addoption(
        "--scaling-plot",
        type=Path,
        metavar="PNG",
        help="Draw time against edges here, one thread, if fields of several sizes were timed.",
    )


def pytest_configure(config):
    config.stash[ROWS] = []


@pytest.fixture
def time_merge(benchmark, pytestconfig):
    """A function of subject, backend and threads that checks and times, as the plug-in's options say."""
    max_time = float(pytestconfig.getoption("benchmark_max_time"))
    min_rounds = pytestconfig.getoption("benchmark_min_rounds")

    def run(subject, backend, threads, group):
        benchmark.group = group
        check_and_time(benchmark, subject, backend, threads, max_time, min_rounds)

    return run


@pytest.fixture
def note_for_scaling(benchmark, pytestconfig):
    """A function of a cell and an image, see ``scaling_row``, that keeps what was just timed for the plot."""

    def note(cell, image):
        if benchmark.enabled:
            seconds = benchmark.stats.stats.data
            pytestconfig.stash[ROWS].append(scaling_row(cell, image, seconds))

    return note


def pytest_terminal_summary(terminalreporter, config):
    frame = pd.DataFrame(config.stash[ROWS])
    path = config.getoption("scaling_plot")
    if path is None or frame.empty or frame["size"].nunique() < 2:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    plot_scaling(frame, path)
    terminalreporter.section(f"time against edges: {path}")
    for who, line in frame.groupby(["backend", "linkage", "noise"]):
        fitted = exponent(line)
        if fitted == fitted:  # nan unless all of its sizes were timed
            terminalreporter.line(f"{', '.join(who)}: exponent {fitted:.2f}")
