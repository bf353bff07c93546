"""The table that a speed comparison prints, and the JSON file that it writes."""

import json
from dataclasses import replace

import pytest

from merge_impls.speed_comparison.check_and_time_backends import ComparisonRow
from merge_impls.speed_comparison.comparison_json import write_comparison_json
from merge_impls.speed_comparison.growth import growth_of_time
from merge_impls.speed_comparison.plot import plot_growth
from merge_impls.speed_comparison.settings import ComparisonSettings
from merge_impls.speed_comparison.table import (
    comparison_table,
    growth_table,
    note_on_sizes,
    notes_on_times,
    preamble,
)
from merge_impls.timing import TimedRun

PLAN_KEYS = "backends baseline families sizes linkages threads rounds timeout memory"
ROW_KEYS = "backend family size edges linkage threads state reason run ratios noise"
RUN_KEYS = (
    "first_call_seconds seconds cpu_seconds conversion_seconds call_seconds "
    "peak_bytes difference failed kind agreement"
)


def test_the_json_keeps_its_documented_keys(tmp_path):
    """A file keeps its keys when names in the code change; a new key needs a new number in ``format``."""
    settings = ComparisonSettings(
        ("heap",), "heap", ("star",), (10, 20), ("average",), 1, 1, 60.0, 1
    )
    run = TimedRun(0.5, [1.0], [1.0])
    rows = [
        ComparisonRow("heap", "star", size, size, "average", 1, "equal", run=run)
        for size in (10, 20)
    ]
    write_comparison_json(
        tmp_path / "time.json", settings, rows, {"heap": "1"}, {"heap": None}, None
    )
    record = json.loads((tmp_path / "time.json").read_text())
    keys = "format plan reference trusted graphs machine core versions code rows growth"
    assert record["format"] == "merge-impls time 3" and list(record) == keys.split()
    assert list(record["plan"]) == PLAN_KEYS.split()
    assert list(record["graphs"]) == ["version", "sha256"]
    assert (record["reference"], record["trusted"]) == ("networkx", "heap")
    assert len(record["graphs"]["sha256"]["star"]) == 2
    assert (
        list(record["growth"][0]) == "backend family linkage edges seconds exponent exact".split()
    )
    assert list(record["rows"][0]) == ROW_KEYS.split()
    assert list(record["rows"][0]["run"]) == RUN_KEYS.split()


def test_the_table_shows_medians_and_intervals_in_milliseconds():
    run = TimedRun(0.5, [1.0, 1.2, 1.6], [0.9, 1.1, 1.5], [0.1, 0.1, 0.2], peak_bytes=3 << 20)
    row = ComparisonRow(
        "x", "star", 1000, 1010, "average", 2, "equal", run=run, ratios=[0.25, 0.5, 0.8]
    )
    heading, line = comparison_table([row], "heap").splitlines()
    assert "N x heap (95% interval)" in heading
    cells = [
        "100",
        "500",
        "1,100 (900 to 1,400)",
        "1,200",
        "1,100",
        "2.00 (1.25 to 4.00)",
        "faster",
        "3.00",
    ]
    assert line.split("  ")[0] == "x"
    assert [cell for cell in map(str.strip, line.split("  ")) if cell] == [
        "x", "star", "1,000", "1,010", "average", "2", *cells, "equal",
    ]  # fmt: skip


def test_notes_tell_the_noise_floor_and_name_rows_with_doubtful_times():
    run = TimedRun(0.5, [2.0] * 5, [1.0] * 5)
    rows = [
        ComparisonRow(name, "star", 9, 9, "average", 1, "equal", run=run, noise=[1.02] * 5)
        for name in ("x", "y", "z")
    ]
    place = "on star 9, average (100% more wall time than CPU time)"
    assert notes_on_times(rows) == [
        "noise floor: 2.0% to 2.0%",
        f"warning: busy machine: x {place}; y {place} and 1 more",
    ]
    assert notes_on_times([replace(rows[0], run=None, noise=[])]) == []


def test_a_ratio_within_the_noise_floor_is_indistinguishable():
    ratios = [1.1, 1.12, 1.15]
    names = ("x", "star", 9, 9, "average", 1, "equal")
    row = ComparisonRow(*names, run=TimedRun(0.5, ratios), ratios=ratios)
    assert row.verdict == "slower" and replace(row, ratios=[]).verdict == ""
    assert replace(row, noise=[1.0, 1.3, 1.1]).verdict == "indistinguishable"
    short = replace(row, run=TimedRun(0.5, [each / 1000 for each in ratios]))
    assert short.verdict == "too short to tell"


def test_a_row_without_ratios_has_its_times():
    run = TimedRun(0.5, [1.0], [0.9])
    (_, line) = comparison_table(
        [ComparisonRow("x", "star", 9, 9, "average", 1, "equal", run=run)], "heap"
    ).splitlines()
    assert "1,000 (1,000 to 1,000)" in line and line.endswith("equal")


@pytest.mark.parametrize(
    ("backends", "words"),
    [
        (("heap", "x"), "on all sizes every round against heap"),
        (("x",), "; on all sizes heap is the reference, if both agree"),
        (("x", "networkx"), "on all sizes every round against networkx"),
    ],
)
def test_the_preamble_names_the_references(backends, words):
    limits = {"rounds": 3, "timeout": 60.0, "memory": 2**30}
    settings = ComparisonSettings(backends, "x", ("star",), (100,), ("average",), 1, **limits)
    printed = preamble(settings, None)
    assert words in printed and "reference  networkx, which" in printed


@pytest.mark.parametrize(("edges", "noted"), [(1500, False), (2500, False), (1499, True)])
def test_a_graph_far_from_its_size_is_noted(edges, noted):
    note = note_on_sizes([timed_row("star", 2000, edges, [1.0])])
    assert (f"star 2,000: {edges:,}" in note) == noted == bool(note)


def test_the_preamble_says_which_way_is_faster():
    limits = {"rounds": 3, "timeout": 60.0, "memory": 2**30}
    settings = ComparisonSettings(("heap",), "heap", ("star",), (100,), ("average",), 1, **limits)
    assert "N x heap = the time of heap / the time of the backend" in preamble(settings, None)
    assert "skipped" not in preamble(settings, None)


def timed_row(family, size, edges, seconds, backend="c"):
    run = TimedRun(0.5, [9.0] * len(seconds), seconds)
    return ComparisonRow(backend, family, size, edges, "average", 1, "equal", run=run)


def test_the_exponent_is_that_of_a_power_of_edges():
    rows = [timed_row("star", n, 2 * n, [1e-6 * n**1.5]) for n in (4000, 1000, 16000)]
    (growth,) = growth_of_time(rows)
    assert growth.edges == [2000, 8000, 32000] and growth.exponent == pytest.approx(1.5)
    assert "1.50" in growth_table([growth]) and "2,000 to 32,000" in growth_table([growth])


def test_a_masked_out_family_grows_with_its_size():
    rows = [timed_row("empty-mask", n, 0, [1e-6 * n]) for n in (1000, 4000)]
    assert growth_of_time(rows)[0].exponent == pytest.approx(1)


def test_growth_needs_two_timed_sizes_and_takes_medians():
    failed = ComparisonRow("numba", "star", 20, 20, "average", 1, "timeout", "too slow")
    rows = [timed_row("star", 10, 10, [1, 2, 9]), timed_row("star", 20, 20, [4, 4, 0])]
    (growth,) = growth_of_time([*rows, failed, timed_row("star", 10, 10, [1.0], "numba")])
    assert (growth.backend, growth.seconds) == ("c", [2, 4])
    assert growth_of_time(rows[:1]) == [] and growth_table([]) == ""


def test_a_picture_without_two_sizes_is_an_error(tmp_path):
    with pytest.raises(ValueError, match="nothing to plot"):
        plot_growth(tmp_path / "x.png", [])
