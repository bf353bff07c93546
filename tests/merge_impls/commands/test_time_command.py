"""``merge-impls time``: its table, its JSON file and its exit codes."""

import json
from unittest.mock import patch

import pytest

from merge_impls.cli import main
from merge_impls.commands.time import _exit_code
from merge_impls.fields import CHECKSUMS, FAMILIES, real_volumes
from merge_impls.speed_comparison.check_and_time_backends import ComparisonRow

STREET = str(9 * 32 * 64)
"""The size of a street of 32 x 64 pixels."""

QUICK = ["--size", STREET, "--family", "street-mild", "--linkage", "average", "--rounds", "2"]
DYING = """
import os
from merge_impls import merge as merge_with
def merge(problem):
    if problem.shape != (4, 4):
        os._exit(7)
    return merge_with(problem, "heap")
"""
LYING = """
import numpy as np
def merge(problem):
    return np.where(problem.mask, np.cumsum(problem.mask).reshape(problem.shape), 0)
"""


def printed_line_of(backend, printed):
    (line,) = (line for line in printed.splitlines() if line.split()[:1] == [backend])
    return line


def test_equal_backends_are_timed_and_written_as_json(tmp_path, capfd):
    out = tmp_path / "new" / "time.json"
    assert main(["time", "heap", *QUICK, "--json", str(out)]) == 0
    printed, errors = capfd.readouterr()
    assert errors == ""
    assert "street-mild" in printed and "labels, sizes, confidences and history" in printed
    assert printed_line_of("heap", printed).endswith("equal") and "1.00 (1.00 to 1.00)" in printed
    record = json.loads(out.read_text())
    assert record["graphs"]["sha256"] == {"street-mild": [CHECKSUMS[32, 64, "mild", 0]]}
    (row,) = record["rows"]
    assert len(row["run"]["seconds"]) == len(row["run"]["cpu_seconds"]) == 2
    assert record["machine"]["processor"] and record["versions"]["heap"]
    assert len(record["code"]["heap"]["sha256"]) == 64


def test_repeated_options_add_sizes_and_families(tmp_path, capfd):
    out, smaller = tmp_path / "time.json", str(9 * 16 * 32)
    families = ["--family", "star"]
    assert main(["time", "heap", *QUICK, "--size", smaller, *families, "--json", str(out)]) == 0
    rows = json.loads(out.read_text())["rows"]
    assert {row["family"] for row in rows} == {"street-mild", "star"}
    streets = [row for row in rows if row["family"] == "street-mild"]
    assert len(streets) == 2


def test_a_failed_backend_is_a_row_and_the_others_are_timed(plug_in, capfd):
    plug_in(dying=DYING, lying=LYING)
    named = ["dying", "lying", "nowhere_at_all:merge", "c"]
    assert main(["time", *named, *QUICK]) == 4
    printed = capfd.readouterr().out
    assert "crash: backend dying: its process died (exit code 7)" in printed_line_of(
        "dying", printed
    )
    assert "disagrees: on 32x64, compared with networkx, " in printed_line_of("lying", printed)
    assert "unavailable: " in printed_line_of("nowhere_at_all:merge", printed)
    assert printed_line_of("c", printed).endswith("equal")
    for name in named[:3]:
        assert printed_line_of(name, printed).split(": ")[0].split()[1:3] == [
            "street-mild",
            "18,432",
        ]
        assert "(" not in printed_line_of(name, printed).split(": ")[0]


def test_an_approximate_linkage_is_timed_and_shows_its_agreement(kruskal, tmp_path, capfd):
    out = tmp_path / "time.json"
    small = ["--size", str(9 * 16 * 32), "--family", "street-mild", "--rounds", "1"]
    options = [*small, "--json", str(out)]
    assert main(["time", kruskal, *options]) == 0
    printed = capfd.readouterr().out
    by_linkage = {
        row["linkage"]: row
        for row in json.loads(out.read_text())["rows"]
        if row["backend"] == kruskal
    }
    assert {name: row["state"] for name, row in by_linkage.items()} == {
        "average": "approximate",
        "single": "equal",
        "weighted": "unsupported",
        "complete": "unsupported",
    }
    approximate = by_linkage["average"]["run"]
    assert approximate["seconds"] and approximate["agreement"]["adjusted_rand"] < 1
    assert approximate["agreement"]["merge_bits"] > 0
    assert by_linkage["single"]["run"]["agreement"] is None
    assert f"approximate: adjusted Rand {approximate['agreement']['adjusted_rand']:.3f}" in printed


def test_a_backend_that_is_declared_exact_and_differs_is_wrong(plug_in, capfd):
    plug_in(lying=LYING)
    assert main(["time", "lying", *QUICK]) == 1
    printed = capfd.readouterr().out
    assert "  disagrees: " in printed_line_of("lying", printed)


def test_several_families_and_sizes_have_rows_exponents_and_a_picture(tmp_path, capfd):
    families, plot = ["star", "dense-3d", "empty-mask"], tmp_path / "new" / "growth.png"
    graphs = ["--family", *families, "--size", "400", "100", "--linkage", "weighted"]
    out = tmp_path / "time.json"
    command = ["time", "heap", *graphs, "--rounds", "1", "--json", str(out), "--plot", str(plot)]
    assert main(command) == 0
    printed = capfd.readouterr().out
    assert "exponent of CPU time against edges" in printed
    record = json.loads(out.read_text())
    assert [(row["family"], row["size"]) for row in record["rows"]] == [
        (family, size) for family in families for size in (100, 400)
    ]
    assert [(each["family"], len(each["edges"])) for each in record["growth"]] == [
        (family, 2) for family in families
    ]
    assert plot.read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("left_out", [2, pytest.param(0, marks=pytest.mark.exhaustive)])
def test_all_families_are_timed_and_absent_files_are_a_line(monkeypatch, tmp_path, capfd, left_out):
    """All but two in three, which the test leaves out to take less time."""
    kept = {
        name: family
        for number, (name, family) in enumerate(FAMILIES.items())
        if not family.is_seeded or number % 3 >= left_out
    }
    monkeypatch.setattr(real_volumes, "_BOUNDARIES", tmp_path / "nowhere.h5")
    quick = ["--size", "100", "--rounds", "1", "--linkage", "average"]
    with patch.dict(FAMILIES, kept, clear=True):
        assert main(["time", "heap", "--family", "all", *quick]) == 0
    printed = capfd.readouterr().out
    families = [line.split()[1] for line in printed.splitlines() if line.startswith("heap ")]
    assert families == [name for name, family in kept.items() if family.is_seeded]
    assert len(families) > 2
    assert "skipped    real-microscopy: no real volumes are beside the clone" in printed
    assert main(["time", "heap", "--family", "real-microscopy", *quick]) == 2
    assert "family real-microscopy cannot be made: no real" in capfd.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nobody"], "backend 'nobody' is unknown; known are "),
        (["--baseline", "nobody"], "backend 'nobody' is unknown"),
        (["--family", "street"], "family 'street' is unknown; known are all, street-mild, "),
        (["--plot", "x.pdf"], "--plot writes a .png file; got x.pdf"),
        (["--plot", "x.png"], "--plot draws time against edges; give two sizes or more"),
    ],
)
def test_wrong_use_is_a_one_line_error_with_exit_code_2(capfd, arguments, words):
    assert main(["time", *arguments]) == 2
    printed, errors = capfd.readouterr()
    assert printed == "" and errors.startswith(f"merge-impls time: {words}")
    assert errors.count("\n") == 1


@pytest.mark.parametrize("size", ["0", "axb", "32x64", "-1", "1.5"])
def test_a_bad_size_is_refused(capfd, size):
    with pytest.raises(SystemExit) as stopped:
        main(["time", "--size", size])
    assert stopped.value.code == 2


@pytest.mark.parametrize(
    ("states", "code"),
    [
        (["equal", "unsupported"], 0),
        (["approximate"], 0),
        (["equal", "unavailable"], 3),
        (["unavailable", "disagrees"], 1),
        (["disagrees", "raised"], 4),
        (["timeout", "unchecked"], 4),
        (["equal", "unchecked"], 3),
        (["unsupported"], 3),
        (["crash", "unavailable"], 4),
    ],
)
def test_the_worst_row_decides_the_exit_code(states, code):
    rows = [ComparisonRow("x", "star", 1, 1, "average", 1, state) for state in states]
    assert _exit_code(rows) == code


def test_a_backend_that_supports_no_linkage_makes_exit_code_3():
    rows = [
        ComparisonRow("heap", "star", 1, 1, "weighted", 1, "equal"),
        ComparisonRow("x", "star", 1, 1, "weighted", 1, "unsupported"),
    ]
    assert _exit_code(rows) == 3
