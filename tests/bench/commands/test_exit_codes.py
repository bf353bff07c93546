"""The exit codes of ``python -m bench``: each kind of end has the code that ``merge-impls`` gives it."""

import os
import subprocess
import sys

import click
import numpy as np
import pytest
from click.testing import CliRunner

from bench import cli
from merge_impls.backend import BackendUnavailable
from merge_impls.commands.exit_codes import (
    CRASHED,
    INTERRUPTED,
    OUTPUT_CLOSED,
    UNAVAILABLE,
    USAGE,
)
from tests.docs.pages import ROOT

BENCH = [sys.executable, "-m", "bench"]


@pytest.fixture
def failing(monkeypatch):
    """A function that runs ``python -m bench`` with a command that raises an exception."""

    def run(error, *options):
        @click.command()
        def fail():
            raise error

        monkeypatch.setitem(cli.main.commands, "fail", fail)
        return CliRunner().invoke(cli.main, [*options, "fail"])

    return run


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ValueError("a\nb"), USAGE),
        (FileNotFoundError("nothing there"), USAGE),
        (click.ClickException("wrong"), USAGE),
        (click.FileError("a.txt"), USAGE),
        (BackendUnavailable("no library"), UNAVAILABLE),
        (ModuleNotFoundError("no library"), UNAVAILABLE),
        (RuntimeError("a process died"), CRASHED),
        (MemoryError(), CRASHED),
    ],
)
def test_an_expected_error_is_one_line_with_its_exit_code(failing, error, code):
    outcome = failing(error)
    assert outcome.exit_code == code
    assert outcome.stderr.startswith("Error: ") and outcome.stderr.count("\n") == 1


def test_the_option_traceback_prints_the_traceback_and_the_line(failing):
    outcome = failing(ValueError("a rule"), "--traceback")
    assert outcome.exit_code == USAGE
    assert "Traceback" in outcome.stderr and outcome.stderr.endswith("\nError: a rule\n")


def test_an_interruption_is_one_line_and_exit_code_130(failing):
    outcome = failing(KeyboardInterrupt())
    assert outcome.exit_code == INTERRUPTED
    assert outcome.stderr.strip() == "python -m bench: interrupted"


def test_an_unexpected_exception_of_the_process_has_exit_code_4(failing, monkeypatch, capsys):
    failing(KeyError("a mistake in the program"))
    monkeypatch.setattr(sys, "argv", ["bench", "fail"])
    with pytest.raises(SystemExit) as stopped:
        cli.main()
    assert stopped.value.code == CRASHED
    assert "KeyError: 'a mistake in the program'" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["--help"], ["cache", "verify", "--cache", "nowhere"]])
def test_a_closed_output_ends_the_command_quietly_with_code_141(arguments):
    reader, writer = os.pipe()
    os.close(reader)
    try:
        done = subprocess.run(
            [*BENCH, *arguments],
            stdout=writer,
            stderr=subprocess.PIPE,
            cwd=ROOT,
            env=os.environ | {"TQDM_DISABLE": "1"},  # without a progress bar, stderr must be empty
        )
    finally:
        os.close(writer)
    assert (done.returncode, done.stderr) == (OUTPUT_CLOSED, b"")


def test_a_missing_output_ends_the_command_quietly_with_code_141(tmp_path):
    """A shell starts a process without stdout for ``>&-``."""
    np.save(tmp_path / "in.npy", np.ones((1, 2, 3)))
    merge = ["-m", "merge_impls", "run", tmp_path / "in.npy", "--offsets", "0,1"]
    for command in (
        [*BENCH, "--help"],
        [*BENCH, "cache", "verify", "--cache", tmp_path / "cache"],
        [sys.executable, *merge, "--out", tmp_path / "out"],
    ):
        without_output = ["sh", "-c", '"$@" >&-', "sh", *command]
        done = subprocess.run(without_output, stderr=subprocess.PIPE, cwd=ROOT, text=True)
        assert done.returncode == OUTPUT_CLOSED and "Error" not in done.stderr, command


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="Linux has a device that is full")
@pytest.mark.parametrize(
    "command", [[*BENCH, "--help"], [sys.executable, "-m", "merge_impls", "list"]]
)
def test_a_full_output_is_a_one_line_error_with_code_2(command):
    with open("/dev/full", "w") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, cwd=ROOT, text=True)
    assert done.returncode == USAGE
    assert done.stderr.endswith("stdout cannot be written: No space left on device\n")
    assert done.stderr.count("\n") == 1
