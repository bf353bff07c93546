"""The help of ``python -m bench`` and of its commands. It must not load heavy packages."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

import bench
from bench import cli

COMMANDS = [
    "scenes",
    "patches",
    "train",
    "tune",
    "run",
    "report",
    "table1",
    "compare",
    "segment",
    "steps",
    "explain",
    "score",
    "export",
    "confusion",
    "explore",
    "cache",
]


@pytest.mark.parametrize("command", [[], *([name] for name in COMMANDS)], ids=str)
def test_every_command_has_help(command):
    outcome = CliRunner().invoke(cli.main, [*command, "--help"])
    assert outcome.exit_code == 0
    assert "Usage: " in outcome.stdout
    if not command:
        assert all(re.search(rf"^  {name} +\w", outcome.stdout, re.MULTILINE) for name in COMMANDS)
    assert set(COMMANDS) == set(cli.main.commands)


HEAVY = """
import sys
from bench.cli import main

for command in [[], *([name] for name in main.commands)]:
    main([*command, "--help"], standalone_mode=False)
print({"torch", "numpy", "pandas", "matplotlib"} & {*sys.modules}, file=sys.stderr)
"""
"""A program that prints the large libraries that the help of all commands has imported."""


def test_help_imports_no_heavy_library():
    root = Path(bench.__file__).parent.parent
    command = [sys.executable, "-c", HEAVY]
    run = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)
    assert run.stderr == "set()\n"
