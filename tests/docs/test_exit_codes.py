"""The table of exit codes in docs/commands.md, and the exit codes in the help of ``python -m bench``."""

import re

import click
import pytest

from bench import cli
from merge_impls.commands.exit_codes import EXIT_CODES
from tests.docs.pages import ROOT


def commands_of(group):
    for command in group.commands.values():
        yield from commands_of(command) if isinstance(command, click.Group) else [command]


def test_the_table_of_exit_codes_is_that_of_both_commands():
    page = (ROOT / "docs" / "commands.md").read_text().split("## Exit codes")[1]
    rows = re.findall(r"^\| (\d+) \| (.*) \|$", page, re.MULTILINE)
    assert {int(code): meaning for code, meaning in rows} == EXIT_CODES


@pytest.mark.parametrize("command", [*commands_of(cli.main)], ids=lambda command: command.name)
def test_help_names_only_exit_codes_of_the_table(command):
    for text in re.findall(r"Exit code (.*)", " ".join((command.help or "").split())):
        assert {int(code) for code in re.findall(r"(\d+): ", text)} <= EXIT_CODES.keys()
