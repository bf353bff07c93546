"""The command ``merge-impls``."""

import argparse
import os
import sys
from collections.abc import Sequence
from importlib.metadata import version
from typing import NoReturn

from merge_impls.commands import contract, listing, replay, run, time, validate
from merge_impls.commands.exit_codes import INTERRUPTED, MEANING, READER_GONE, USAGE
from merge_impls.registry import OWN_DISTRIBUTION

COMMANDS = (listing, validate, replay, run, contract, time)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit code."""
    # Backends in modules of the current folder can be named; at the end, they hide no installed one.
    sys.path.append(os.getcwd())
    try:
        try:
            options = _make_parser().parse_args(arguments)
            code: int = options.run(options)
            return code
        finally:  # also after --help, which ends in SystemExit
            sys.stdout.flush()
    except BrokenPipeError:
        # The reader closed the pipe. Without this, Python complains when it flushes stdout at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return READER_GONE
    except KeyboardInterrupt:
        print("merge-impls: interrupted", file=sys.stderr)
        return INTERRUPTED


class _OneLineErrorParser(argparse.ArgumentParser):
    """Reports a usage error in one line, without the usage of all options."""

    def error(self, message: str) -> NoReturn:
        self.exit(USAGE, f"{self.prog}: {message}; see {self.prog} --help\n")


def _make_parser() -> argparse.ArgumentParser:
    parser = _OneLineErrorParser(
        prog="merge-impls",
        description="Exact graph merge for instance segmentation.",
        epilog=MEANING,
    )
    parser.add_argument(
        "--version", action="version", version=f"%(prog)s {version(OWN_DISTRIBUTION)}"
    )
    commands = parser.add_subparsers(title="commands", required=True)
    for command in COMMANDS:
        command.add_command(commands)
    return parser
