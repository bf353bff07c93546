"""``merge-impls validate``: its output, its JSON file and its exit codes."""

import json
import os
import re
import shlex
import subprocess
import sys

import pytest

from merge_impls.conformance import check_runner
from merge_impls.conformance.all_checks import all_checks

STARTING = "import and a first merge, at most 300 s ...\n"
NOTHING, EDGES = "wrong:merges_nothing", "worked/inherited edge, average"


@pytest.mark.parametrize("backend", ["heap", "c", "numba"])
@pytest.mark.parametrize("examples", [15, pytest.param(50, marks=pytest.mark.exhaustive)])
def test_built_in_backends_conform_and_leave_no_files(merge_impls, folder, backend, examples):
    before = set(os.listdir(folder))
    code, out, err = merge_impls("validate", backend, "--examples", examples)
    lines = out.splitlines()
    assert (code, err) == (0, "")
    assert lines[0] == f"starting {backend}: import and a first merge, at most 300 s ..."
    assert len(lines) == len(all_checks()) + 3
    assert re.match(
        f"{backend} .* conforms: .* against networkx .*, {examples} a random.* 0", lines[-1]
    )
    assert set(os.listdir(folder)) == before


@pytest.mark.parametrize("only", ["random/*", "fields/planes*", "laws/*"])
def test_the_reference_conforms_to_algorithm_1_as_it_is_printed(merge_impls, only):
    code, out, _ = merge_impls("validate", "networkx", "--examples", "20", "--only", only)
    assert code == 0
    last = out.splitlines()[-1]
    assert "against the literal Algorithm 1" in last
    assert last.startswith("networkx 0.1.0 passed the selected checks: ") and " not run; " in last


def test_a_failure_is_explained_saved_and_reproduced_by_its_command(merge_impls, folder):
    code, out, _ = merge_impls("validate", NOTHING, "--only", "random/2-D grids, average")
    assert code == 1
    assert out.splitlines()[1].startswith("failed ")
    assert "2 vertices, 1 edge, linkage average" in out
    assert "does NOT conform: 1 failed" in out.splitlines()[-1]
    command = shlex.split(re.search("again: merge-impls (.*)", out).group(1))
    assert os.listdir(folder / "merge-impls-failures") == [os.path.basename(command[1])]
    assert merge_impls(*command)[0] == 1


@pytest.mark.parametrize(
    ("backend", "state", "line"),
    [
        ("wrong:crashes", "crash", "its process died (SIGABRT)"),
        ("wrong:hangs", "timeout", "no answer within 0.5 s"),
    ],
)
def test_a_crash_or_a_hang_is_one_failed_check_and_exit_code_4(merge_impls, backend, state, line):
    checks = "worked/[ie]*, [aw]*"
    code, out, _ = merge_impls("validate", backend, "--only", checks, "--timeout", "0.5")
    states = [outcome.split()[0] for outcome in out.splitlines() if not outcome.startswith(" ")]
    assert code == 4
    assert line in out
    assert states[1:3] == [state, state] and states[3:-2] == ["passed", "passed"]


def test_a_backend_that_exceeds_its_memory_limit_fails(merge_impls):
    options = ("--only", EDGES, "--memory", "700")
    code, out, _ = merge_impls("validate", "wrong:exceeds_memory", *options)
    assert code == 1
    assert "MemoryError" in out


def test_a_backend_object_is_validated_under_its_version(merge_impls):
    code, out, _ = merge_impls("validate", "wrong:FLAT", "--only", "worked/t[iw]*, average")
    assert code == 1
    assert out.splitlines()[-1].startswith("wrong:FLAT 3.1 does NOT conform")
    reason = "backend flat does not support edges, only 2-D grids"
    assert re.search(f"\nskipped +3 checks: 2: {reason}; 1: ", out)
    assert out.count("skipped") == 2  # that line, and the summary


def test_a_validation_that_executes_no_check_is_a_failure(merge_impls):
    code, out, _ = merge_impls("validate", "wrong:FLAT", "--only", "*3-D grids, [aw]*")
    assert code == 1
    assert "not shown to conform: no check was executed (2 skipped)" in out


@pytest.mark.parametrize(
    ("arguments", "code", "line"),
    [
        (["nobody"], 2, "backend 'nobody' is unknown; known are c, heap, networkx, numba"),
        ([], 2, "no backend is named; merge-impls list shows"),
        ([":merge"], 2, "':merge' is not of the form module:object, such as my_merge:merge"),
        (["wrong:"], 2, "'wrong:' is not of the form module:object, such as my_merge:merge"),
        (["wrong"], 2, "backend 'wrong' is a module; name its function: wrong:FUNCTION"),
        (
            ["c", "--only", "lows/*"],
            2,
            "no check is named 'lows/*'; `merge-impls validate --list-checks`",
        ),
        (["c", "--only", "worked"], 2, "no check is named 'worked'; did you mean 'worked/*'? `"),
        (["c", "--only", "of four"], 2, "no check is named 'of four'; did you mean '*of four*'? `"),
        (
            ["c", "--xfails", "nowhere.txt"],
            2,
            "nowhere.txt, the file of expected failures, does not exist",
        ),
        (["c", "--examples", "0"], 2, "'0' is not a whole number >= 1"),
        (["c", "--timeout", "0"], 2, "'0' is not a number of seconds"),
        (["nowhere:merge"], 3, "backend nowhere:merge is not available: nowhere:merge does not"),
        (["wrong:nothing"], 3, "backend wrong:nothing is not available"),
        (["wrong.py:merge"], 3, "; name the module without .py: wrong:merge"),
    ],
)
def test_wrong_arguments_are_refused_in_one_line(merge_impls, arguments, code, line):
    got, out, err = merge_impls("validate", *arguments)
    assert got == code
    assert out == ("" if code == 2 else f"starting {arguments[0]}: {STARTING}")
    assert line in err.splitlines()[-1]
    assert len(err.splitlines()) == 1 or err.startswith("usage: ")


def test_an_expected_failure_passes_and_an_unexpected_pass_fails(merge_impls, folder):
    xfails = folder / "xfails.txt"
    xfails.write_text("# none\n\nworked/[ie]*ed*  # it merges nothing yet\n")
    options = ("--only", "worked/[ei]*", "--xfails", xfails)
    code, out, _ = merge_impls("validate", NOTHING, *options)
    assert code == 0
    assert out.splitlines()[1].startswith("xfailed ")
    assert "    it merges nothing yet" in out.splitlines()
    code, out, _ = merge_impls("validate", "c", *options)
    assert code == 1
    assert out.splitlines()[1].startswith("xpassed ")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("laws/*", "xfails.txt, line 1: 'laws/*' needs a reason after a #"),
        ("\nlows/* # typing", "xfails.txt, line 2: no check is named 'lows/*'"),
    ],
)
def test_a_line_of_xfails_needs_a_check_and_a_reason(merge_impls, folder, text, line):
    (folder / "xfails.txt").write_text(text)
    code, _, err = merge_impls("validate", "c", "--xfails", "xfails.txt")
    assert code == 2
    assert line in err


def test_the_record_holds_checks_options_versions_and_machine(merge_impls, folder):
    options = ("--only", "random/2-D*", "--examples", "7", "--seed", "3")
    merge_impls("validate", NOTHING, *options, "--json", "out/record.json")
    record = json.loads((folder / "out/record.json").read_text())
    assert record["format"] == "merge-impls conformance 1"
    assert not record["conforms"] and not record["passed"]
    assert record["backend"]["name"] == NOTHING and record["backend"]["dimensions"] == [1, 2, 3]
    assert record["reference"] == "networkx 0.1.0"
    assert (record["examples"], record["seed"], record["only"]) == (7, 3, "random/2-D*")
    assert set(record["versions"]) == {"merge-impls", "hypothesis"}
    assert {"python", "numpy", "processor"} <= set(record["machine"])
    check = record["checks"][0]
    assert check["state"] == "failed" and (folder / check["file"]).exists()


def test_checks_are_listed_with_their_claims(merge_impls):
    code, out, _ = merge_impls("validate", "--list-checks")
    assert code == 0
    assert [line.split("  ")[0] for line in out.splitlines()[1:]] == [c.name for c in all_checks()]


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("hypothesis", "hypothesis is not installed: pip install 'merge-impls[conformance]'"),
        ("networkx", "networkx is not installed: pip install 'merge-impls[networkx]'"),
    ],
)
def test_a_missing_library_is_reported_with_the_command_to_install_it(
    merge_impls, monkeypatch, module, line
):
    monkeypatch.setitem(sys.modules, module, None)
    code, out, err = merge_impls("validate", "c")
    assert (code, out) == (3, "" if module == "hypothesis" else f"starting c: {STARTING}")
    assert err.endswith(f"{line}\n") and len(err.splitlines()) == 1


@pytest.mark.parametrize(
    ("option", "place"),
    [
        ("--json", "file/out.json"),
        ("--json", "folder"),
        ("--failures", "file"),
        ("--failures", "file/below"),
    ],
)
def test_an_unwritable_output_is_refused_before_any_check_runs(merge_impls, folder, option, place):
    (folder / "file").touch()
    (folder / "folder").mkdir()
    code, out, err = merge_impls("validate", "c", "--only", "worked/one*", option, place)
    assert (code, out) == (2, "")
    assert err.startswith(f"merge-impls validate: {place} cannot be written: ")
    assert len(err.splitlines()) == 1


def test_fail_fast_ends_with_the_first_failed_check(merge_impls):
    code, out, _ = merge_impls("validate", NOTHING, "--only", "worked/*", "--fail-fast")
    states = [line.split()[0] for line in out.splitlines()[1:-2] if not line.startswith(" ")]
    assert code == 1
    assert "failed" not in states[:-1] and states[-1] == "failed"


def test_a_backend_that_raises_without_edges_fails_only_that_check(merge_impls, folder):
    (folder / "bare.py").write_text(
        "import merge_impls\n"
        "def merge(problem):\n"
        "    if not len(problem.edge_arrays()[0]): raise IndexError('no edges')\n"
        "    return merge_impls.merge(problem, 'heap')\n"
    )
    code, out, _ = merge_impls("validate", "bare:merge", "--only", "worked/[io]*")
    states = [line for line in out.splitlines()[:-1] if not line.startswith(" ")]
    assert code == 1
    assert [line.rsplit("  ")[-1] for line in states if line.startswith("failed")] == [
        "worked/one vertex"
    ]


def test_a_failure_that_cannot_be_saved_is_still_explained(merge_impls, monkeypatch):
    def full(*_):
        raise OSError("no space left")

    monkeypatch.setattr(check_runner, "save_counterexample", full)
    code, out, _ = merge_impls("validate", NOTHING, "--only", EDGES)
    assert code == 1
    assert "the edge (1, 2) becomes (0, 2); 0 had no edge to 2" in out
    assert "the counterexample could not be saved: no space left" in out


def test_help_and_list_of_checks_need_neither_hypothesis_nor_pytest():
    code = (
        "import sys; from merge_impls.cli import main; main(['list'])\n"
        "try: main(['validate', '--help'])\nexcept SystemExit: pass\n"
        "assert not {'hypothesis', 'pytest', 'networkx'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
