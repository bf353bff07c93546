"""``merge-impls validate``: check whether a backend computes what CONTRACT.md defines."""

import argparse
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from merge_impls.backend import BackendUnavailable
from merge_impls.commands.arguments import Subparsers, add_limit_options, parse_positive_integer
from merge_impls.commands.exit_codes import (
    CONFORMS,
    CRASHED,
    DISAGREES,
    UNAVAILABLE,
    USAGE,
    exit_code_of_failed_start,
    exit_codes_help,
    print_failure,
)
from merge_impls.conformance import NO_HYPOTHESIS
from merge_impls.conformance.backend_under_test import backend_in_child_process
from merge_impls.conformance.option_defaults import FAILURES, PROFILES, START_SECONDS
from merge_impls.file_writing import check_writable
from merge_impls.isolation import BackendFailed, Worker
from merge_impls.text_formats import format_table

if TYPE_CHECKING:  # these modules import hypothesis, which --help does not need
    from merge_impls.conformance.outcomes import Outcome, Verdict
    from merge_impls.conformance.session import SessionOptions

DESCRIPTION = """Check whether a backend computes what the contract defines (see merge-impls contract).
The backend runs in a process of its own. Its results are compared with those of the reference on
cases worked out by hand, on random grids and graphs, on larger synthetic street problems, under
transformations that must not change the result, with several threads, and after bad input. A check
stops at its first failure. The failing problem is made smaller, explained, and saved for
merge-impls replay."""

EXIT_CODES = {
    CONFORMS: "the backend conforms or, with --only, passed the selected checks",
    DISAGREES: "a check failed (for example because the backend raised an exception), a check that was "
    "expected to fail passed, or no check was run",
    UNAVAILABLE: "the backend, the reference or the package hypothesis is not available",
    CRASHED: "the backend crashed or took too long in any of the checks",
}


def add_command(commands: Subparsers) -> None:
    """Declare the command and its options."""
    parser = commands.add_parser(
        "validate",
        help="check whether a backend computes what the contract defines",
        description=DESCRIPTION,
        epilog=exit_codes_help(EXIT_CODES),
    )
    parser.set_defaults(run=run_command)
    parser.add_argument(
        "backend",
        nargs="?",
        metavar="NAME|module:object",
        help="a backend that merge-impls list shows, or a function or Backend to import",
    )
    _add_example_options(parser)
    _add_check_options(parser)
    _add_failure_options(parser)
    add_limit_options(parser)


def _add_example_options(parser: argparse.ArgumentParser) -> None:
    """Add the options --profile, --examples and --seed."""
    parser.add_argument(
        "--profile",
        choices=tuple(PROFILES),
        default="default",
        help="how many random examples each check draws: "
        + ", ".join(f"{name} {count:,}" for name, count in PROFILES.items())
        + " and larger ones",
    )
    parser.add_argument(
        "--examples",
        type=parse_positive_integer,
        metavar="N",
        help="how many random examples each check draws, in place of the profile's number",
    )
    parser.add_argument(
        "--seed", type=int, default=0, help="the seed of the random examples; default 0"
    )


def _add_check_options(parser: argparse.ArgumentParser) -> None:
    """Add the options --only and --list-checks."""
    parser.add_argument(
        "--only",
        default="*",
        metavar="PATTERN",
        help="run only the checks whose names match, such as 'laws/*'; that the backend conforms is "
        "stated only if no check is left out",
    )
    parser.add_argument(
        "--list-checks", action="store_true", help="print what each check states, and run no check"
    )


def _add_failure_options(parser: argparse.ArgumentParser) -> None:
    """Add the options --fail-fast, --xfails, --json and --failures."""
    parser.add_argument(
        "--fail-fast", action="store_true", help="stop at the first check that fails"
    )
    parser.add_argument(
        "--xfails",
        type=Path,
        metavar="FILE",
        help="a file of checks that are expected to fail: on each line the name of a check or a pattern, "
        "then # and a reason; if such a check passes, it counts as a failure",
    )
    parser.add_argument(
        "--json", type=Path, metavar="OUT", help="write the outcome of every check to a JSON file"
    )
    parser.add_argument(
        "--failures",
        type=Path,
        default=FAILURES,
        metavar="DIR",
        help=f"the folder for the problems on which checks failed; default {FAILURES}",
    )


def run_command(options: argparse.Namespace) -> int:
    """Run the checks; print the outcome of each executed check when it ends, then a summary."""
    if find_spec("hypothesis") is None:
        return print_failure("validate", NO_HYPOTHESIS, UNAVAILABLE)
    if options.list_checks:
        return _list_checks()
    try:
        session_options = _session_options(options)
        target = backend_in_child_process(options.backend, options.timeout, options.memory)
    except (ValueError, OSError) as error:
        return print_failure("validate", error, USAGE)
    with target:
        return _run_and_report(options, session_options, target)


def _list_checks() -> int:
    from merge_impls.conformance.all_checks import all_checks

    print(format_table([("check", "what it states"), *((c.name, c.claim) for c in all_checks())]))
    return CONFORMS


def _session_options(options: argparse.Namespace) -> "SessionOptions":
    """Read the options of the checks. Raises ValueError or OSError for wrong use."""
    from merge_impls.conformance.session import SessionOptions

    if options.backend is None:
        raise ValueError("no backend is named; merge-impls list shows those that are installed")
    if options.json:
        check_writable(options.json)
    return SessionOptions.from_arguments(
        profile=options.profile,
        examples=options.examples,
        seed=options.seed,
        only=options.only,
        xfails=options.xfails,
        failures=options.failures,
    )


def _run_and_report(
    options: argparse.Namespace, session_options: "SessionOptions", target: Worker
) -> int:
    """Run the checks, print their outcomes and write the record; return the exit code."""
    from merge_impls.conformance.session import NothingToCheck
    from merge_impls.conformance.verdict_record import write_verdict

    longest = f"{options.timeout or START_SECONDS:g} s"
    print(f"starting {options.backend}: import and a first merge, at most {longest} ...")
    try:
        verdict = _run_checks_with_progress(options, session_options, target)
        print(*verdict.closing_lines(), sep="\n")
        if options.json:
            selected = {"profile": options.profile, "only": options.only}
            write_verdict(options.json, verdict, target.declaration, **selected)
    except BackendFailed as failure:
        return print_failure("validate", failure, exit_code_of_failed_start(failure))
    except BackendUnavailable as error:
        return print_failure("validate", error, UNAVAILABLE)
    except NothingToCheck as error:
        return print_failure("validate", error, USAGE)
    except BrokenPipeError:  # this OSError is not a mistake of the user
        raise
    except OSError as error:
        return print_failure("validate", error, USAGE)
    return _exit_code(verdict)


def _run_checks_with_progress(
    options: argparse.Namespace, session_options: "SessionOptions", target: Worker
) -> "Verdict":
    """Run the checks; show which check runs, and print each outcome."""
    from merge_impls.commands.check_progress import CheckProgress
    from merge_impls.conformance.session import run_checks

    with CheckProgress([check.name for check in session_options.checks]) as progress:

        def report(outcome: "Outcome") -> None:
            progress.end_check()
            _print_outcome(outcome)

        return run_checks(
            target,
            options.backend,
            session_options,
            progress.begin_check,
            report,
            options.fail_fast,
        )


def _print_outcome(outcome: "Outcome") -> None:
    """Print an outcome; skipped checks are counted in one line at the end."""
    if outcome.state.value != "skipped":
        print(outcome)


def _exit_code(verdict: "Verdict") -> int:
    """The exit code of a verdict; a crash or a timeout outweighs other failures."""
    states = {outcome.state.value for outcome in verdict.outcomes}
    if states & {"crash", "timeout"}:
        return CRASHED
    return CONFORMS if verdict.passed else DISAGREES
