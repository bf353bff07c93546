"""``merge-impls compare``: compare the times of two runs."""

import argparse
from pathlib import Path

from merge_impls.commands.arguments import Subparsers
from merge_impls.commands.exit_codes import (
    CONFORMS,
    LIMIT_EXCEEDED,
    USAGE,
    exit_codes_help,
    print_failure,
)
from merge_impls.run_comparison import Limits, comparison_report
from merge_impls.speed_comparison.read_times import read_times

EXIT_CODES = {LIMIT_EXCEEDED: "a change is at or beyond a limit of --fail-if"}


def add_command(commands: Subparsers) -> None:
    """Declare the command and its options."""
    parser = commands.add_parser(
        "compare",
        help="compare the times of two runs",
        description="Compare two files of merge-impls time --json, or two of pytest-benchmark: the ratio of "
        "the median times of each cell, with a bootstrap interval over the rounds. A cell is slower or "
        "faster only if the whole interval is beyond the noise floor of both runs.",
        epilog=exit_codes_help(EXIT_CODES),
    )
    parser.set_defaults(run=run_command)
    parser.add_argument("before", type=Path, metavar="A.json", help="the first run")
    parser.add_argument("after", type=Path, metavar="B.json", help="the second run")
    parser.add_argument(
        "--fail-if",
        default="",
        metavar="LIMITS",
        help=f"end with exit code {LIMIT_EXCEEDED} if a cell is slower by this share, such as slower:5%%",
    )


def run_command(options: argparse.Namespace) -> int:
    """Print the table of changes; return the exit code."""
    try:
        limits = Limits.parse(options.fail_if)
        if limits.ap is not None:
            raise ValueError("--fail-if ap: these files have no AP; give slower:SHARE alone")
        report, exceeded = comparison_report(
            read_times(options.before), read_times(options.after), limits
        )
    except (OSError, ValueError) as error:
        return print_failure("compare", error, USAGE)
    print(report)
    return LIMIT_EXCEEDED if exceeded else CONFORMS
