"""``pytest --pyargs merge_impls.conformance`` works outside a checkout, as for an installed package."""

import os
import subprocess
import tomllib
from pathlib import Path

import pytest

from tests.prepared_python import PreparedPython

ROOT = Path(__file__).parents[3]


@pytest.fixture
def empty(folder):
    """An empty folder outside the checkout, from which pytest is run."""
    (folder / "empty").mkdir()
    return folder / "empty"


@pytest.fixture(scope="module")
def python(tmp_path_factory):
    libraries = ("pytest", "hypothesis", "numpy", "networkx")
    with PreparedPython(tmp_path_factory.mktemp("python"), libraries) as python:
        yield python


@pytest.fixture
def run_pytest(folder, empty, python):
    """A function that runs pytest in the folder ``empty``, with the entry points of the package."""
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["entry-points"]
    info = folder / "the_entry_points-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: the-entry-points\nVersion: 1\n")
    points = [f"{name} = {value}" for name, value in declared["pytest11"].items()]
    (info / "entry_points.txt").write_text("\n".join(["[pytest11]", *points, ""]))

    def run(*arguments):
        unused = [
            f"-pno:{name}" for name in ("nbmake", "zarr", "xdist", "benchmark", "cacheprovider")
        ]
        command = ["python", "-m", "pytest", "-q", *unused]
        paths = {"PYTHONPATH": os.pathsep.join(map(str, (folder, ROOT)))}
        return subprocess.run(
            [*command, "--pyargs", "merge_impls.conformance", *map(str, arguments)],
            cwd=empty,
            env=python.environment(os.environ | paths),
            capture_output=True,
            text=True,
        )

    return run


def test_a_backend_that_conforms_passes_and_no_files_are_left(run_pytest, empty):
    done = run_pytest("--merge-backend", "c", "--merge-examples", 5, "-k", "laws or threads")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "7 passed" in done.stdout
    assert os.listdir(empty) == []


def test_a_failure_shows_its_explanation_and_no_traceback(run_pytest, empty):
    done = run_pytest("--merge-backend", "wrong:merges_nothing", "-k", "inherited and average")
    assert done.returncode == 1
    assert "the edge (1, 2) becomes (0, 2); 0 had no edge to 2" in done.stdout
    assert "again: merge-impls replay merge-impls-failures" in done.stdout
    assert "def test_" not in done.stdout and "Error" not in done.stdout
    assert len(list((empty / "merge-impls-failures").iterdir())) == 2


def test_a_backend_of_the_current_folder_is_found(run_pytest, empty):
    (empty / "my_merge.py").write_text("from merge_impls import merge\n")
    done = run_pytest("--merge-backend", "my_merge:merge", "-k", "inherited and average")
    assert done.returncode == 0, done.stdout + done.stderr


def test_expected_failures_come_from_a_file_and_unexpected_passes_fail(run_pytest, empty):
    (empty / "xfails.txt").write_text("worked/edge* # later\nworked/one vertex # it passes\n")
    options = ("--merge-xfails", "xfails.txt", "-k", "twice or (vertex and not tie)")
    done = run_pytest("--merge-backend", "wrong:merges_nothing", *options, "-rx")
    assert done.returncode == 1
    assert "1 failed" in done.stdout and "2 xfailed" in done.stdout and "later" in done.stdout
    assert "passed, but was expected to fail: it passes" in done.stdout


def test_a_session_that_executes_no_check_fails(run_pytest):
    done = run_pytest("--merge-backend", "heap", "-k", "threads and counts")
    assert done.returncode == 1
    assert "no check was executed, so the backend is not shown to conform" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        ([], "pytest --pyargs merge_impls.conformance --merge-backend NAME"),
        (["--merge-backend", "nowhere:merge"], "backend nowhere:merge is not available"),
    ],
)
def test_wrong_use_is_an_error_of_one_line(run_pytest, arguments, line):
    done = run_pytest(*arguments)
    assert done.returncode not in (0, 1)
    assert line in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
