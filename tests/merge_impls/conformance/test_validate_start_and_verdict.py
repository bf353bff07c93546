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


def test_an_approximate_backend_is_refused_with_what_there_is_for_it(merge_impls):
    code, out, err = merge_impls("validate", "wrong:ROUGH")
    assert (code, out.count("\n")) == (2, 1)
    assert err == (
        "merge-impls validate: backend wrong:ROUGH declares linkage 'average' approximate, so no result can "
        "be checked; `merge-impls time wrong:ROUGH` shows its time and its agreement with the exact result\n"
    )


def test_only_the_exact_linkages_of_a_backend_are_checked(merge_impls, kruskal):
    code, out, _ = merge_impls("validate", kruskal, "--examples", "5", "--only", "[rlw]*")
    assert code == 0
    assert "worked/row of four, single" in out and "worked/row of four, average" not in out
    assert "backend kruskal declares linkage 'average' approximate" in out
    assert "; approximate, so not checked: linkage average; " in out


def test_pytest_refuses_an_approximate_backend(folder):
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-c",
        "/dev/null",
        "--rootdir",
        ".",
        "-p",
        "no:cacheprovider",
    ]
    options = ["--pyargs", "merge_impls.conformance", "--merge-backend", "wrong:ROUGH"]
    done = subprocess.run([*command, *options], cwd=folder, capture_output=True, text=True)
    assert done.returncode == 4 and "declares linkage 'average' approximate" in done.stdout
