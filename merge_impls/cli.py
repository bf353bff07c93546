"""The command ``merge-impls``: parse the command line and run one of the commands."""

import argparse
import os
import re
import sys
from collections.abc import Sequence
from importlib.metadata import version
from io import TextIOWrapper
from typing import NoReturn

from merge_impls.commands import compare, contract, listing, replay, run, time, validate
from merge_impls.commands.exit_codes import (
    CRASHED,
    DISAGREES,
    UNAVAILABLE,
    USAGE,
    exit_code_of_exception,
    exit_codes_help,
    flush_output,
    open_missing_output,
)
from merge_impls.registry import OWN_DISTRIBUTION

UNQUOTED_NUMBERS = re.compile(r"unrecognized arguments: [-+.\d,\s]+")
"""Matches the error of argparse for a list of numbers that has spaces and is not quoted."""

BENCH_HELP = (
    "Images, networks and studies: python -m bench, which is not part of the installed package and runs in a "
    "clone of the repository alone."
)

COMMANDS = (listing, validate, replay, run, contract, time, compare)

EXIT_CODES = {
    DISAGREES: "a result is wrong (validate, replay: or a backend raised an exception)",
    UNAVAILABLE: "a backend or a library is not available",
    CRASHED: "a backend crashed or took too long (run, time: or raised an exception)",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line ``arguments``, by default those of the process; return the exit code.

    An unexpected exception is raised if ``arguments`` are given. In the process, it is printed.
    """
    # Users may name backends in modules of the current folder; installed modules are found first.
    sys.path.append(os.getcwd())
    open_missing_output()
    _write_output_line_by_line()
    try:
        return _run_command(arguments)
    except (OSError, KeyboardInterrupt) as error:
        return exit_code_of_exception("merge-impls", error)
    except Exception as error:
        if arguments is not None:
            raise
        return exit_code_of_exception("merge-impls", error)


def _run_command(arguments: Sequence[str] | None) -> int:
    try:
        options = _make_parser().parse_args(arguments)
        code: int = options.run(options)
        return code
    finally:  # --help raises SystemExit, and its text has to be flushed as well
        flush_output()


def _write_output_line_by_line() -> None:
    """Let a file or a pipe get each line at once, as a terminal does."""
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(line_buffering=True)


class _OneLineErrorParser(argparse.ArgumentParser):
    """A parser that reports wrong use in one line, without the list of all options."""

    def error(self, message: str) -> NoReturn:
        if UNQUOTED_NUMBERS.fullmatch(message):
            message += "; quote a list with spaces, such as --offsets '0,1 1,0'"
        self.exit(USAGE, f"{self.prog}: {message}; see {self.prog} --help\n")


def _make_parser() -> argparse.ArgumentParser:
    parser = _OneLineErrorParser(
        prog="merge-impls",
        description="Exact graph merge for instance segmentation.",
        epilog=f"{exit_codes_help(EXIT_CODES)}. The help of a command says more. {BENCH_HELP}",
    )
    parser.add_argument(
        "--version", action="version", version=f"%(prog)s {version(OWN_DISTRIBUTION)}"
    )
    commands = parser.add_subparsers(title="commands", required=True)
    for command in COMMANDS:
        command.add_command(commands)
    return parser
