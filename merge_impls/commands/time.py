"""``merge-impls time``: which backend is right, and then, how fast."""

import argparse
import sys
from pathlib import Path

from merge_impls import fields
from merge_impls.argument_checks import LINKAGES, one_line
from merge_impls.commands.arguments import Subparsers, mebibytes, positive, seconds
from merge_impls.commands.exit_codes import CONFORMS, CRASHED, DISAGREES, UNAVAILABLE, USAGE, fail
from merge_impls.speed_comparison.comparison import ComparisonRow, SpeedComparison
from merge_impls.speed_comparison.json_file import write_json
from merge_impls.speed_comparison.settings import (
    BASELINE,
    LARGE_FIELD_REFERENCE,
    REFERENCE,
    ComparisonSettings,
    choose_backends,
)
from merge_impls.speed_comparison.table import comparison_table, preamble

DESCRIPTION = f"""Merge the seeded street fields of this version with every backend, in turns, each in
a process of its own. First all merge a small field and are compared with {REFERENCE}; then every
result on the whole field is compared with that of {LARGE_FIELD_REFERENCE}, named or not, or of {REFERENCE} if
that is named. Only who gives the same bits has times."""

EPILOG = """exit codes: 0 all are equal, but for those that do not do a linkage; 1 one disagrees; 2
wrong use; 3 one is not available, does none of the linkages, or had nothing to be compared with; 4 one
raised, crashed or took too long, whatever others did."""

CODES = {
    "raised": CRASHED,
    "crash": CRASHED,
    "timeout": CRASHED,
    "disagrees": DISAGREES,
    "unavailable": UNAVAILABLE,
    "unchecked": UNAVAILABLE,
}
"""By a row's state, the gravest first."""


def add(commands: Subparsers) -> None:
    """Declare the command and its options."""
    parser = commands.add_parser(
        "time", help="which backend is right, and how fast", description=DESCRIPTION, epilog=EPILOG
    )
    parser.set_defaults(run=run)
    parser.add_argument(
        "backends",
        nargs="*",
        metavar="NAME|module:object",
        help=f"those to time; all that are available but {REFERENCE}, which is slow",
    )
    parser.add_argument(
        "--baseline", default=BASELINE, metavar="NAME", help=f"divide times by its; {BASELINE}"
    )
    parser.add_argument(
        "--size", type=_shape, default=(256, 512), metavar="HxW", help="of the fields; 256x512"
    )
    parser.add_argument("--noise", choices=(*fields.NOISE, "both"), default="both", help="both")
    parser.add_argument("--linkage", choices=(*LINKAGES, "both"), default="both", help="both")
    parser.add_argument(
        "--threads", type=positive, default=1, metavar="N", help="the most each may use; 1"
    )
    parser.add_argument(
        "--rounds", type=positive, default=3, metavar="N", help="merges of each field by each; 3"
    )
    parser.add_argument(
        "--timeout",
        type=seconds,
        default=120.0,
        metavar="SECONDS",
        help="for one merge, and for starting; 120",
    )
    parser.add_argument(
        "--memory",
        type=mebibytes,
        default=8192,
        metavar="MIB",
        help="of data that each process may hold; 8192",
    )
    parser.add_argument("--json", type=Path, metavar="OUT", help="a record, all rounds in it")


def run(options: argparse.Namespace) -> int:
    """Print what is measured, a row for each backend, noise and linkage, and write the record."""
    try:
        plan = _plan(options)
        contest = SpeedComparison(plan, _tell)
        heading = preamble(plan, contest.core)
    except ValueError as error:
        return fail("time", error, USAGE)
    print(heading, flush=True)
    with contest:
        rows = [
            row
            for noise in plan.noises
            for linkage in plan.linkages
            for row in contest.compare(noise, linkage)
        ]
        versions = {name: contest.version(name) for name in plan.backends}
    _tell("")
    print(comparison_table(rows, plan.baseline))
    if options.json:
        try:
            write_json(options.json, plan, rows, versions, contest.core)
        except OSError as error:
            return fail("time", f"no record written: {one_line(error)}", USAGE)
    return _exit_code(rows)


def _plan(options: argparse.Namespace) -> ComparisonSettings:
    if options.json and options.json.is_dir():
        raise ValueError(f"{options.json} is a folder; --json writes a file")
    return ComparisonSettings(
        backends=choose_backends(options.backends, options.baseline),
        baseline=options.baseline,
        shape=options.size,
        noises=fields.NOISE if options.noise == "both" else (options.noise,),
        linkages=LINKAGES if options.linkage == "both" else (options.linkage,),
        threads=options.threads,
        rounds=options.rounds,
        timeout=options.timeout,
        memory=options.memory * 2**20,
    )


def _tell(line: str) -> None:
    """Show what is going on in one line that the next one overwrites, if somebody is looking."""
    if sys.stderr.isatty():
        print(f"\r\x1b[K{line}", end="", file=sys.stderr, flush=True)


def _exit_code(rows: list[ComparisonRow]) -> int:
    codes = {CODES[row.state] for row in rows if row.state in CODES}
    # One that was never found equal is none of which all is right.
    if {row.backend for row in rows} - {row.backend for row in rows if row.state == "equal"}:
        codes.add(UNAVAILABLE)
    return next((code for code in CODES.values() if code in codes), CONFORMS)


def _shape(text: str) -> tuple[int, int]:
    height, _, width = text.partition("x")
    return positive(height), positive(width)
