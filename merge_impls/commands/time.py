"""The command ``merge-impls time``: checks backends against a reference and compares their speed."""

import argparse
import sys
from pathlib import Path

from merge_impls.argument_checks import LINKAGES, one_line_error_message
from merge_impls.commands.arguments import (
    Subparsers,
    parse_mebibytes,
    parse_positive_integer,
    parse_seconds,
)
from merge_impls.commands.exit_codes import (
    CONFORMS,
    CRASHED,
    DISAGREES,
    SEVERITY,
    UNAVAILABLE,
    USAGE,
    exit_codes_help,
    print_failure,
)
from merge_impls.fields import FAMILIES
from merge_impls.measurement_statistics import LEAST_ROUNDS
from merge_impls.speed_comparison.check_and_time_backends import (
    TIMED_STATES,
    ComparisonRow,
    SpeedComparison,
)
from merge_impls.speed_comparison.comparison_json import write_comparison_json
from merge_impls.speed_comparison.growth import growth_of_time
from merge_impls.speed_comparison.plot import check_plot_file, plot_growth
from merge_impls.speed_comparison.settings import (
    ALL_FAMILIES,
    BASELINE,
    LARGE_GRAPH_REFERENCE,
    REFERENCE,
    ComparisonSettings,
    choose_backends,
    choose_families,
)
from merge_impls.speed_comparison.table import (
    comparison_table,
    growth_table,
    note_on_sizes,
    notes_on_times,
    preamble,
)

DEFAULT_FAMILIES = ("street-mild", "street-strong")
DEFAULT_SIZE = 9 * 256 * 512

DESCRIPTION = f"""Time backends on families of seeded graphs: streets, and graphs that are harder to merge.
Every backend has a process of its own, and the backends take turns, round by round. First each
backend's result on a small graph of a family is compared with that of {REFERENCE}. Then each result on
the graphs of all sizes is compared with that of {LARGE_GRAPH_REFERENCE}, or with that of {REFERENCE} if
{REFERENCE} is one of the timed backends. Times are shown only for backends whose results equal the
reference's to the bit, and for linkages that a backend declares approximate: these rows show the agreement
with the reference instead. With several sizes, the exponent of time against edges is fitted."""

EXIT_CODES = {
    CONFORMS: "all results are equal, or declared approximate; linkages that a backend does not support do "
    "not count",
    DISAGREES: "a result differs",
    UNAVAILABLE: "a backend is not available, supports none of the linkages, or could not be checked",
    CRASHED: "a backend raised an exception, crashed or took too long, even if another one disagrees",
}

EXIT_CODE_OF_STATE = {
    "raised": CRASHED,
    "crash": CRASHED,
    "timeout": CRASHED,
    "disagrees": DISAGREES,
    "unavailable": UNAVAILABLE,
    "unchecked": UNAVAILABLE,
}
"""The exit code for each state of a row. If rows have several of these states, ``SEVERITY`` decides."""


def add_command(commands: Subparsers) -> None:
    """Declare the command and its options."""
    parser = commands.add_parser(
        "time",
        help="check backends and time them",
        description=DESCRIPTION,
        epilog=exit_codes_help(EXIT_CODES),
    )
    parser.set_defaults(run=run_command)
    parser.add_argument(
        "backends",
        nargs="*",
        metavar="NAME|module:object",
        help=f"backends to time; default: all available backends except {REFERENCE}, which is slow",
    )
    parser.add_argument(
        "--baseline",
        default=BASELINE,
        metavar="NAME",
        help=f"show how many times as fast as backend NAME each backend is; default {BASELINE}",
    )
    _add_graph_options(parser)
    _add_merge_options(parser)
    _add_limit_options(parser)
    parser.add_argument(
        "--json", type=Path, metavar="OUT", help="write the times of all rounds to a JSON file"
    )
    parser.add_argument(
        "--plot",
        type=Path,
        metavar="OUT.png",
        help="draw time against edges, a panel for each family; needs two sizes and matplotlib",
    )


def _add_graph_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--family",
        nargs="+",
        action="extend",
        metavar="NAME",
        help=f"families of graphs: {ALL_FAMILIES}, {', '.join(FAMILIES)}; default "
        f"{' '.join(DEFAULT_FAMILIES)}",
    )
    parser.add_argument(
        "--size",
        nargs="+",
        action="extend",
        type=parse_positive_integer,
        metavar="EDGES",
        help="approximate number of edges of the graphs; small grids and masked ones have fewer, which the "
        f"column edges and a note show; default {DEFAULT_SIZE}, the edges of a street "
        "of 256x512 pixels",
    )


def _add_merge_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--linkage",
        choices=(*LINKAGES, "all"),
        default="all",
        help="linkage to merge with; default all",
    )
    parser.add_argument(
        "--rounds",
        type=parse_positive_integer,
        default=LEAST_ROUNDS,
        metavar="N",
        help=f"how often each backend merges each graph; default {LEAST_ROUNDS}",
    )


def _add_limit_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--threads",
        type=parse_positive_integer,
        default=1,
        metavar="N",
        help="the most threads of each backend; default 1",
    )
    parser.add_argument(
        "--timeout",
        type=parse_seconds,
        default=120.0,
        metavar="SECONDS",
        help="time limit for one merge, and for the start of a process; default 120",
    )
    parser.add_argument(
        "--memory",
        type=parse_mebibytes,
        default=8192,
        metavar="MIB",
        help="memory limit for the data of each process; default 8192",
    )


def run_command(options: argparse.Namespace) -> int:
    """Print the setup and the tables, and write the files that the options name. Returns the exit code."""
    try:
        settings = _comparison_settings(options)
        comparison = SpeedComparison(settings, _show_progress)
        heading = preamble(settings, comparison.core)
    except ValueError as error:
        return print_failure("time", error, USAGE)
    print(heading, flush=True)
    with comparison:
        code = comparison.digest_code_of_backends() if options.json else {}
        rows = [
            row
            for family in settings.families
            for linkage in settings.linkages
            for row in comparison.compare(family, linkage)
        ]
        versions = {name: comparison.declared_version(name) for name in settings.backends}
    _show_progress("")
    print(comparison_table(rows, settings.baseline))
    for note in filter(None, [note_on_sizes(rows), *notes_on_times(rows)]):
        print(note)
    growths = growth_of_time(rows)
    if growths:
        print(f"\n{growth_table(growths)}")
    try:
        if options.json:
            write_comparison_json(options.json, settings, rows, versions, code, comparison.core)
        if options.plot:
            plot_growth(options.plot, growths)
    except (OSError, ValueError) as error:
        message = f"not all files were written: {one_line_error_message(error)}"
        return print_failure("time", message, USAGE)
    return _exit_code(rows)


def _comparison_settings(options: argparse.Namespace) -> ComparisonSettings:
    sizes = set(options.size or [DEFAULT_SIZE])
    if options.json and options.json.is_dir():
        raise ValueError(f"{options.json} is a folder; --json writes a file")
    if options.plot:
        check_plot_file(options.plot)
        if len(sizes) < 2:
            raise ValueError("--plot draws time against edges; give two sizes or more with --size")
    return ComparisonSettings(
        backends=choose_backends(options.backends, options.baseline),
        baseline=options.baseline,
        families=choose_families(options.family or DEFAULT_FAMILIES),
        sizes=tuple(sorted(sizes)),
        linkages=LINKAGES if options.linkage == "all" else (options.linkage,),
        threads=options.threads,
        rounds=options.rounds,
        timeout=options.timeout,
        memory=options.memory * 2**20,
    )


def _show_progress(line: str) -> None:
    """Show a line on a terminal. The next line overwrites it."""
    if sys.stderr.isatty():
        print(f"\r\x1b[K{line}", end="", file=sys.stderr, flush=True)


def _exit_code(rows: list[ComparisonRow]) -> int:
    codes = {EXIT_CODE_OF_STATE[row.state] for row in rows if row.state in EXIT_CODE_OF_STATE}
    # A backend without times was not checked, for example because it supports none of the linkages.
    timed = {row.backend for row in rows if row.state in TIMED_STATES}
    if {row.backend for row in rows} - timed:
        codes.add(UNAVAILABLE)
    return next((code for code in SEVERITY if code in codes), CONFORMS)
