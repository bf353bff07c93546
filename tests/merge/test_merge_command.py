"""The command merge-impls as a user types it."""

import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

COMMAND = Path(sys.executable).with_name("merge-impls")


def run(*arguments):
    return subprocess.run([COMMAND, *arguments], capture_output=True, text=True)


def test_list_shows_every_backend_with_its_version():
    done = run("list")
    assert done.returncode == 0
    rows = {line.split()[0]: line.split()[1:3] for line in done.stdout.splitlines()[1:]}
    for name in ("networkx", "numba", "c"):
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
