"""Both example backends conform: the complete one, and the minimal one that returns only labels."""

import subprocess

import pytest


def validate(shell, folder, *options):
    command = ["merge-impls", "validate", *options]
    return subprocess.run(command, env=shell, cwd=folder, capture_output=True, text=True)


@pytest.mark.parametrize(
    "checks", ["[!fs]*", pytest.param("sizes/*", marks=pytest.mark.exhaustive)]
)
def test_example_conforms(example, tmp_path, checks):
    # Without the checks of large fields, which take half a minute in plain Python.
    done = validate(example, tmp_path, "example", "--examples", "20", "--only", checks)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "example 0.1.0 passed the selected checks" in done.stdout
    assert not list(tmp_path.iterdir())


def test_minimal_backend_conforms_in_what_it_declares(example, tmp_path):
    options = ["--examples", "20", "--only", "random/*"]
    done = validate(example, tmp_path, "example-labels", *options)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "2 passed, 10 skipped" in done.stdout
    assert "does not support edges, only 2-D grids and 3-D grids" in done.stdout


def test_plugin_that_does_not_load_cannot_be_validated(mutants, tmp_path):
    done = validate(mutants, tmp_path, "broken")
    assert done.returncode == 3
    assert "No module named 'a_module_that_is_nowhere'" in done.stderr
