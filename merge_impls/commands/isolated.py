"""What the commands share that merge with a backend, most of them in a process of its own."""

import argparse
import sys

from merge_impls.argument_checks import one_line
from merge_impls.commands.arguments import mebibytes, seconds
from merge_impls.commands.exit_codes import CRASHED, UNAVAILABLE
from merge_impls.conformance.defaults import TIMEOUT
from merge_impls.isolation import BackendFailed


def add_limits(parser: argparse.ArgumentParser) -> None:
    """The options ``--timeout`` and ``--memory``."""
    parser.add_argument(
        "--timeout",
        type=seconds,
        default=TIMEOUT,
        metavar="SECONDS",
        help=f"for one merge; {TIMEOUT:g}, which is long for problems of this size",
    )
    parser.add_argument(
        "--memory", type=mebibytes, metavar="MIB", help="that the backend may hold; no limit"
    )


def stop(command: str, why: Exception | str, code: int) -> int:
    """Say in one line why the command ends here; returns the exit code."""
    line = why if isinstance(why, str) else one_line(why)
    print(f"merge-impls {command}: {line}", file=sys.stderr)
    return code


def code_of(failure: BackendFailed) -> int:
    """The exit code for a backend that cannot even begin."""
    return UNAVAILABLE if failure.kind == "unavailable" else CRASHED
