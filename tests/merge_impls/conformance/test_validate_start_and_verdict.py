"""``merge-impls validate``: the start of a backend, and what is said if only some checks are run."""

import json
import subprocess
import sys
import time

import pytest

EDGES = "worked/inherited edge, average"


def test_a_first_merge_that_hangs_ends_at_the_timeout(merge_impls):
    options = ("--only", EDGES, "--timeout", "1")
    code, out, err = merge_impls("validate", "wrong:always_hangs", *options)
    assert (code, out) == (
        4,
        "starting wrong:always_hangs: import and a first merge, at most 1 s ...\n",
    )
    assert err == (
        "merge-impls validate: backend wrong:always_hangs: no answer within 1 s to the first merge, of "
        "1 vertex; look for a loop without an end, or set a longer timeout if it compiles\n"
    )


def test_an_import_may_take_longer_than_a_merge(merge_impls, folder):
    (folder / "late.py").write_text(
        "import time, merge_impls\ntime.sleep(2)\n"
        "def merge(problem):\n    return merge_impls.merge(problem, 'heap')\n"
    )
    options = ("--only", EDGES, "--timeout", "1.5")
    assert merge_impls("validate", "late:merge", *options)[0] == 0


def test_a_function_that_ignores_the_linkage_fails_a_worked_case(merge_impls):
    code, out, _ = merge_impls("validate", "wrong:averages", "--only", "worked/*, weighted")
    assert code == 1
    assert "worked/joined edges around the threshold, weighted" in out
    code, out, _ = merge_impls("validate", "wrong:averages", "--only", "worked/*, average")
    assert code == 0
    assert " conforms" not in out and "passed the selected checks" in out


def test_the_record_of_selected_checks_passes_but_does_not_conform(merge_impls, folder):
    assert merge_impls("validate", "c", "--only", EDGES, "--json", "record.json")[0] == 0
    record = json.loads((folder / "record.json").read_text())
    assert record["passed"] and not record["conforms"]


def test_output_into_a_file_has_each_line_at_once(folder):
    (folder / "slow.py").write_text("import time\ntime.sleep(600)\n")
    with (folder / "out").open("w") as out:
        command = [sys.executable, "-m", "merge_impls", "validate", "slow:merge"]
        process = subprocess.Popen(command, stdout=out)
    try:
        for _ in range(600):
            if (folder / "out").read_text().endswith("...\n"):
                return
            time.sleep(0.1)
        pytest.fail("no line was written while the backend was started")
    finally:
        process.kill()
        process.wait()
