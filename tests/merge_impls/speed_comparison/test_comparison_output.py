"""The table that a speed comparison prints, and the JSON file that it writes."""

import json

import pytest

from merge_impls.speed_comparison.compared_backends import ComparisonRow
from merge_impls.speed_comparison.json_file import write_json
from merge_impls.speed_comparison.settings import ComparisonSettings
from merge_impls.speed_comparison.table import comparison_table, preamble
from merge_impls.timing import TimedRun

PLAN_KEYS = "backends baseline shape noises linkages threads rounds timeout memory"
ROW_KEYS = "backend noise linkage threads state reason run ratios"
RUN_KEYS = (
    "first_call_seconds seconds cpu_seconds conversion_seconds call_seconds "
    "peak_bytes difference failed kind"
)


def test_the_json_keeps_its_documented_keys(tmp_path):
    """A file keeps its keys when names in the code change; a new key needs a new number in ``format``."""
    settings = ComparisonSettings(("heap",), "heap", (8, 8), ("mild",), ("average",), 1, 1, 60.0, 1)
    row = ComparisonRow("heap", "mild", "average", 1, "equal", run=TimedRun(0.5, [1.0], [1.0]))
    write_json(tmp_path / "time.json", settings, [row], {"heap": "1"}, core=None)
    record = json.loads((tmp_path / "time.json").read_text())
    keys = "format plan reference trusted fields machine core versions rows"
    assert record["format"] == "merge-impls time 1" and list(record) == keys.split()
    assert list(record["plan"]) == PLAN_KEYS.split()
    assert list(record["fields"]) == ["version", "sha256"]
    assert (record["reference"], record["trusted"]) == ("networkx", "heap")
    assert list(record["rows"][0]) == ROW_KEYS.split()
    assert list(record["rows"][0]["run"]) == RUN_KEYS.split()


def test_the_table_shows_medians_and_quartiles_in_milliseconds():
    run = TimedRun(0.5, [1.0, 1.2, 1.6], [0.9, 1.1, 1.5], [0.1, 0.1, 0.2], peak_bytes=3 << 20)
    row = ComparisonRow("x", "mild", "average", 2, "equal", run=run, ratios=[0.5, 1.0, 2.0])
    heading, line = comparison_table([row], "heap").splitlines()
    assert "time / heap" in heading
    cells = [
        "100",
        "500",
        "1,100 (1,000 to 1,250)",
        "1,200",
        "1,100",
        "1.00 (0.750 to 1.50)",
        "3.00",
    ]
    assert line.split("  ")[0] == "x"
    assert [cell for cell in map(str.strip, line.split("  ")) if cell] == [
        "x", "mild", "average", "2", *cells, "equal",
    ]  # fmt: skip


def test_a_row_without_ratios_has_its_times():
    run = TimedRun(0.5, [1.0], [0.9])
    (_, line) = comparison_table(
        [ComparisonRow("x", "mild", "average", 1, "equal", run=run)], "heap"
    ).splitlines()
    assert "1,000 (1,000 to 1,000)" in line and line.endswith("equal")


@pytest.mark.parametrize(
    ("backends", "words"),
    [
        (("heap", "x"), "on 256x512 every round against heap"),
        (("x",), "; on the whole field heap is the reference, if both agree"),
        (("x", "networkx"), "on 256x512 every round against networkx"),
    ],
)
def test_the_preamble_names_the_references(backends, words):
    limits = {"rounds": 3, "timeout": 60.0, "memory": 2**30}
    settings = ComparisonSettings(backends, "x", (256, 512), ("mild",), ("average",), 1, **limits)
    printed = preamble(settings, None)
    assert words in printed and "reference  networkx, which" in printed
