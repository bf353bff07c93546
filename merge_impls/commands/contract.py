"""``merge-impls contract``: print CONTRACT.md, which defines what every backend has to compute."""

import argparse
from importlib.resources import files

from merge_impls.commands.arguments import Subparsers
from merge_impls.commands.exit_codes import CONFORMS


def add_command(commands: Subparsers) -> None:
    """Declare the command and its options."""
    commands.add_parser(
        "contract", help="print what every backend has to compute, to the bit"
    ).set_defaults(run=run_command)


def run_command(options: argparse.Namespace) -> int:
    """Print CONTRACT.md of the installed version of merge-impls."""
    print(files("merge_impls").joinpath("CONTRACT.md").read_text(encoding="utf-8"), end="")
    return CONFORMS
