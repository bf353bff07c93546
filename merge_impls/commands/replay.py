"""``merge-impls replay``: merge a saved problem with a backend, and compare with the reference."""

import argparse
from pathlib import Path

from merge_impls.backend import BackendUnavailable
from merge_impls.commands.arguments import Subparsers, add_limit_options
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
from merge_impls.conformance.backend_under_test import backend_in_child_process
from merge_impls.conformance.choose_reference import choose_reference
from merge_impls.conformance.comparator import CallMode, CheckFailure, Comparator
from merge_impls.conformance.explain.problem_text import describe_problem
from merge_impls.conformance.outcomes import CheckState
from merge_impls.conformance.replay_file import call_mode_from_notes, check_replayed_size
from merge_impls.conformance.shrink.counterexample import explain_failure
from merge_impls.isolation import BackendFailed, Worker
from merge_impls.problem import MergeProblem
from merge_impls.problem_files import load_problem_and_notes

DESCRIPTION = """Merge a saved problem with a backend and with the reference, and compare the results.
The file is written by merge-impls validate, or by merge_impls.problem_files.save_problem. If the file
says how the check merged the problem (with how many threads, how often), the backend merges it in
the same way. If the results differ, the first merge or segment that differs is explained."""

EXIT_CODES = {
    CONFORMS: "the backend agrees with the reference",
    DISAGREES: "the results differ, or the backend raised an exception",
    UNAVAILABLE: "the backend or the reference is not available, or the backend does not support "
    "such a problem",
    CRASHED: "the backend crashed or took too long",
}


def add_command(commands: Subparsers) -> None:
    """Declare the command and its options."""
    parser = commands.add_parser(
        "replay",
        help="merge a saved problem again, and explain where the result of a backend is wrong",
        description=DESCRIPTION,
        epilog=exit_codes_help(EXIT_CODES),
    )
    parser.set_defaults(run=run_command)
    parser.add_argument("file", type=Path, metavar="FILE.npz", help="the saved problem")
    parser.add_argument(
        "--backend", required=True, metavar="NAME|module:object", help="the backend to merge with"
    )
    add_limit_options(parser)


def run_command(options: argparse.Namespace) -> int:
    """Describe the problem, merge it, and print whether and where the results differ."""
    try:
        problem, notes = load_problem_and_notes(options.file)
        check_replayed_size(problem)
        mode = call_mode_from_notes(notes)
        target = backend_in_child_process(options.backend, options.timeout, options.memory)
    except (ValueError, OSError) as error:
        return print_failure("replay", error, USAGE)
    if "check" in notes:
        print(f"found by the check {notes['check']!r} in {notes.get('backend', 'a backend')}")
    print(describe_problem(problem), flush=True)
    with target:
        try:
            return _merge_and_compare(target, options.backend, problem, mode)
        except BackendUnavailable as error:
            return print_failure("replay", error, UNAVAILABLE)


def _merge_and_compare(target: Worker, backend: str, problem: MergeProblem, mode: CallMode) -> int:
    """Merge the problem with the backend and with the reference; print the outcome.

    Returns the exit code.
    """
    try:
        reason = target.declaration.unsupported_problem(problem)
    except BackendFailed as failure:
        return print_failure("replay", failure, exit_code_of_failed_start(failure))
    if reason:
        return print_failure("replay", reason, UNAVAILABLE)
    comparator = Comparator(target, choose_reference(backend))
    mismatch = comparator.compare(problem, mode)
    if mismatch is None:
        print(f"merged {mode}: {backend} agrees with {comparator.reference.name} to the bit")
        return CONFORMS
    print(f"{backend} differs from {comparator.reference.name}:")
    print(explain_failure(comparator, CheckFailure(mismatch, mode)))
    return CRASHED if mismatch.state in (CheckState.CRASH, CheckState.TIMEOUT) else DISAGREES
