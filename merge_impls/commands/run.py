"""``merge-impls run``: merge the affinities of a file; write labels and a table of segments."""

import argparse
from contextlib import ExitStack
from pathlib import Path

import numpy as np

from merge_impls.affinity_files import OPENERS, ReadingLibraryMissing
from merge_impls.argument_checks import LINKAGES, one_line_error_message
from merge_impls.backend import BackendError, BackendUnavailable
from merge_impls.commands.affinity_arguments import add_affinity_arguments, read_given_arrays
from merge_impls.commands.arguments import Subparsers, parse_positive_integer
from merge_impls.commands.exit_codes import (
    CONFORMS,
    CRASHED,
    DISAGREES,
    UNAVAILABLE,
    USAGE,
    exit_codes_help,
    print_failure,
)
from merge_impls.file_writing import atomic_write, interrupts_held, remove_partial_files
from merge_impls.folder_lock import locked_folder
from merge_impls.merging import load_backend, merge
from merge_impls.problem import MergeProblem
from merge_impls.result import CompleteResult
from merge_impls.segments_table import drop_small_segments, write_segments_table
from merge_impls.text_formats import format_shape

DESCRIPTION = """Merge your own affinities, 2-D or 3-D, into segments. Channel c holds at pixel p the
affinity of the pair p and p + offset[c]. Channels with opposite offsets hold affinities of the same
pairs; their mean is taken. Affinities are floats in [0, 1], uint8 (255 stands for 1) or uint16 (65535
stands for 1). Arrays named offsets, stages, thresholds and mask in the same file (and group) are used,
and printed, unless an option replaces them or leaves them out. Offsets are required, in the file or as
an option."""

OUTPUT_HELP = """Two files are written to OUT: labels.npy (int32; 0 outside the mask, segments 1..N) and
segments.csv (one row for each segment: label, size, confidence, and for each axis the first index, the
last index + 1 and the centroid)."""

EXIT_CODES = {
    DISAGREES: "the backend returned something that cannot be a result",
    UNAVAILABLE: "the backend or a library that reads the file is not available, or the backend "
    "does not support such a problem",
    CRASHED: "the backend raised an exception, or memory ran out",
}

OUTPUT_NAMES = ("labels.npy", "segments.csv")


def add_command(commands: Subparsers) -> None:
    """Declare the command and its options."""
    parser = commands.add_parser(
        "run",
        help="merge your own affinities; write labels and a table of segments",
        description=DESCRIPTION,
        epilog=f"{OUTPUT_HELP} {exit_codes_help(EXIT_CODES)}",
    )
    parser.set_defaults(run=run_command)
    add_affinity_arguments(parser)
    parser.add_argument(
        "--linkage",
        choices=LINKAGES,
        default="average",
        help="linkage to merge with; default average",
    )
    parser.add_argument(
        "--backend", default="c", help="a backend that merge-impls list shows; default c"
    )
    parser.add_argument(
        "--threads",
        type=parse_positive_integer,
        default=1,
        help="the most threads that the backend may use; default 1",
    )
    parser.add_argument(
        "--min-size",
        type=parse_positive_integer,
        default=1,
        metavar="N",
        help="set segments of fewer than N pixels to 0, and number the others 1, 2, ... again",
    )
    parser.add_argument(
        "--out", type=Path, required=True, help="the folder for labels.npy and segments.csv"
    )
    parser.add_argument(
        "--force", action="store_true", help="overwrite labels.npy and segments.csv in OUT"
    )


def run_command(options: argparse.Namespace) -> int:
    """Merge a file of affinities; write the two output files; print assumptions and a summary."""
    try:
        _merge_file(options)
    except BrokenPipeError:  # this OSError is not a mistake of the user
        raise
    except (BackendUnavailable, ReadingLibraryMissing) as error:
        return print_failure("run", error, UNAVAILABLE)
    except BackendError as error:
        return print_failure("run", error, DISAGREES)
    except (_UnexpectedBackendError, MemoryError) as error:
        return print_failure("run", error, CRASHED)
    except (ValueError, TypeError, OSError) as error:
        return print_failure("run", error, USAGE)
    return CONFORMS


class _UnexpectedBackendError(RuntimeError):
    """A backend raised an exception that is not one of those that merge_impls defines."""


def _merge_file(options: argparse.Namespace) -> None:
    """Do what ``run_command`` describes; failures are raised as exceptions."""
    # The backend and the folder are checked first, because reading the affinities may take long.
    load_backend(options.backend)
    _check_output_files(options.out, options.force)
    with locked_folder(options.out, lambda line: print(f"note: {line}")):
        _check_output_files(options.out, options.force)  # another run may have just ended
        remove_partial_files(options.out)
        _merge_into_folder(options)


def _merge_into_folder(options: argparse.Namespace) -> None:
    given = read_given_arrays(options, lambda line: print(f"note: {line}"))
    if line := given.companions_line():
        print(f"read: {line}")
    problem, assumed = given.make_problem(options)
    for line in assumed:
        print(f"assumed: {line}")
    for line in _lines_on_long_offsets(problem):
        print(f"note: {line}")
    result = _merge_problem(problem, options)
    kept = drop_small_segments(result, options.min_size)
    _write_output(options.out, kept)
    print(_summary_line(problem, result, kept, options))


def _lines_on_long_offsets(problem: MergeProblem) -> list[str]:
    """One line for each offset that is at least as long as an axis, so that it joins no pixels."""
    assert problem.offsets is not None  # a grid
    size = format_shape(problem.shape)
    too_long = (np.abs(problem.offsets) >= problem.shape).any(axis=1)
    return [
        f"offset {tuple(row)} leaves the grid {size} from every pixel, so its channel is not used"
        for row in problem.offsets[too_long].tolist()
    ]


def _write_output(out: Path, result: CompleteResult) -> None:
    """Write both output files. Older files are replaced only when both new ones are complete."""
    labels, table = (out / name for name in OUTPUT_NAMES)
    with ExitStack() as held, atomic_write(labels) as new_labels:
        with new_labels.open("wb") as file:
            np.save(file, result.labels)
        with atomic_write(table) as new_table:  # an error of the labels is not one of the table
            write_segments_table(new_table, result)
            held.enter_context(interrupts_held())  # until both files are in place


def _check_output_files(out: Path, force: bool) -> None:
    """Raise ValueError if the output files cannot be written, or exist and ``force`` is False."""
    if out.exists() and not out.is_dir():
        raise ValueError(f"{out} is a file; --out is a folder for {' and '.join(OUTPUT_NAMES)}")
    if out.suffix in (*OPENERS, ".csv"):
        raise ValueError(
            f"{out} looks like a file; --out is a folder for {' and '.join(OUTPUT_NAMES)}"
        )
    for path in (out / name for name in OUTPUT_NAMES):
        if path.exists() and not path.is_file():
            raise ValueError(f"{path} is not a file and cannot be overwritten; name another --out")
    present = [name for name in OUTPUT_NAMES if (out / name).exists()]
    if present and not force:
        raise ValueError(f"{out} already has {' and '.join(present)}; --force overwrites them")


def _merge_problem(problem: MergeProblem, options: argparse.Namespace) -> CompleteResult:
    """Merge the problem. An exception of the backend becomes ``_UnexpectedBackendError``."""
    try:
        return merge(problem, options.backend, options.threads)
    except (BackendUnavailable, BackendError):
        raise
    except Exception as error:
        raise _UnexpectedBackendError(
            f"backend {options.backend} failed ({type(error).__name__}: {one_line_error_message(error)})"
        ) from None


def _summary_line(
    problem: MergeProblem, result: CompleteResult, kept: CompleteResult, options: argparse.Namespace
) -> str:
    assert problem.offsets is not None and problem.mask is not None  # a grid
    dropped = len(result.sizes) - len(kept.sizes)
    small = f" ({dropped:,} of fewer than {options.min_size} pixels left out)" if dropped else ""
    size = " x ".join(map(str, problem.shape))
    return (
        f"{len(kept.sizes):,} segments{small} from {len(problem.offsets)} offsets and "
        f"{problem.mask.sum():,} foreground pixels of {size}, backend {result.backend}, "
        f"linkage {problem.linkage}: {options.out}"
    )
