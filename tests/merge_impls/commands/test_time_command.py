"""``merge-impls time``: its table, its JSON file and its exit codes."""

import json

import pytest

from merge_impls.cli import main
from merge_impls.commands.time import _exit_code
from merge_impls.fields import CHECKSUMS
from merge_impls.speed_comparison.compared_backends import ComparisonRow

QUICK = ["--size", "32x64", "--noise", "mild", "--linkage", "average", "--rounds", "2"]
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
    assert (
        "762 foreground pixels" in printed and "labels, sizes, confidences and history" in printed
    )
    assert printed_line_of("heap", printed).endswith("equal") and "1.00 (1.00 to 1.00)" in printed
    record = json.loads(out.read_text())
    assert record["fields"]["sha256"] == {"mild": CHECKSUMS[32, 64, "mild", 0]}
    (row,) = record["rows"]
    assert len(row["run"]["seconds"]) == len(row["run"]["cpu_seconds"]) == 2
    assert record["machine"]["processor"] and record["versions"]["heap"]


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
        assert printed_line_of(name, printed).split(": ")[0].split()[1:3] == ["mild", "average"]
        assert "(" not in printed_line_of(name, printed).split(": ")[0]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nobody"], "backend 'nobody' is unknown; known are "),
        (["--baseline", "nobody"], "backend 'nobody' is unknown"),
        (["--size", "4x4"], "a field of 4 x 4 is too small"),
    ],
)
def test_wrong_use_is_a_one_line_error_with_exit_code_2(capfd, arguments, words):
    assert main(["time", *arguments]) == 2
    printed, errors = capfd.readouterr()
    assert printed == "" and errors.startswith(f"merge-impls time: {words}")
    assert errors.count("\n") == 1


@pytest.mark.parametrize("size", ["4", "axb", "3x-1", "0x9"])
def test_a_bad_size_is_refused(capfd, size):
    with pytest.raises(SystemExit) as stopped:
        main(["time", "--size", size])
    assert stopped.value.code == 2


@pytest.mark.parametrize(
    ("states", "code"),
    [
        (["equal", "unsupported"], 0),
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
    assert _exit_code([ComparisonRow("x", "mild", "average", 1, state) for state in states]) == code


def test_a_backend_that_supports_no_linkage_makes_exit_code_3():
    rows = [
        ComparisonRow("heap", "mild", "weighted", 1, "equal"),
        ComparisonRow("x", "mild", "weighted", 1, "unsupported"),
    ]
    assert _exit_code(rows) == 3
