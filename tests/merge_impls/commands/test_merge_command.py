"""The command ``merge-impls`` as an installed program: its listing, help, errors and exit codes."""

import os
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pytest

from merge_impls.cli import main
from merge_impls.commands import contract

COMMAND = Path(sys.executable).with_name("merge-impls")


def run(*arguments):
    return subprocess.run([COMMAND, *arguments], capture_output=True, text=True)


def test_list_shows_every_backend_with_its_version():
    done = run("list")
    assert done.returncode == 0
    rows = {line.split()[0]: line.split()[1:3] for line in done.stdout.splitlines()[1:]}
    for name in ("networkx", "heap", "numba", "c"):
        assert rows[name] == [version("merge-impls"), "yes"]


def test_version_is_that_of_the_distribution():
    assert run("--version").stdout == f"merge-impls {version('merge-impls')}\n"


def test_help_names_the_commands():
    done = run("--help")
    assert done.returncode == 0
    assert "list" in done.stdout


def test_no_command_or_an_unknown_one_is_a_usage_error():
    assert run().returncode == 2
    assert run("lst").returncode == 2


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["lst"], "merge-impls: argument"),
        (
            ["time", "--timeout", "3e6"],
            "merge-impls time: argument --timeout: '3e6' is not a number",
        ),
        (
            ["time", "--timeout", "nan"],
            "merge-impls time: argument --timeout: 'nan' is not a number",
        ),
        (
            ["time", "--memory", "9" * 14],
            "merge-impls time: argument --memory: '99999999999999' is",
        ),
        (["validate", "c", "--memory", "9" * 14], "merge-impls validate: argument --memory: "),
        (
            ["run", "in.npy", "--stages", "0 x"],
            "merge-impls run: argument --stages: '0 x' is not a list",
        ),
        (
            ["run", "in.npy", "--thresholds", "x"],
            "merge-impls run: argument --thresholds: 'x' is not a list",
        ),
    ],
)
def test_a_bad_value_is_one_line_that_names_the_option(capsys, arguments, words):
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    assert stopped.value.code == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(words) and line.endswith("--help")


def run_with_closed_output(*arguments, cwd=None):
    reader, writer = os.pipe()
    os.close(reader)
    try:
        return subprocess.run([COMMAND, *arguments], stdout=writer, stderr=subprocess.PIPE, cwd=cwd)
    finally:
        os.close(writer)


@pytest.mark.parametrize(
    "arguments", [["list"], ["contract"], ["validate", "c", "--only", "worked*"]]
)
def test_a_closed_output_ends_the_command_quietly_with_code_141(arguments, tmp_path):
    done = run_with_closed_output(*arguments, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (141, b"")


def test_a_closed_output_of_run_is_not_a_usage_error(tmp_path):
    np.save(tmp_path / "in.npy", np.ones((1, 2, 3)))
    done = run_with_closed_output("run", "in.npy", "--offsets", "0,1", "--out", "out", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (141, b"")


def test_an_interruption_is_one_line_and_exit_code_130(monkeypatch, capsys):
    def interrupted(options):
        raise KeyboardInterrupt

    monkeypatch.setattr(contract, "run_command", interrupted)
    assert main(["contract"]) == 130
    assert capsys.readouterr().err == "merge-impls: interrupted\n"


def test_help_says_where_the_benchmark_lives(capsys):
    with pytest.raises(SystemExit):
        main(["--help"])
    text = " ".join(capsys.readouterr().out.split())
    assert "python -m bench, which is not part of the installed package and runs in a clone" in text
