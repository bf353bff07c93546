"""``merge-impls run``: merge the affinities of a file; write labels and a table of segments."""

import argparse
from pathlib import Path

import numpy as np
import numpy.typing as npt

from merge_impls.affinity_files import OPENERS, ReadingLibraryMissing, read_affinities, read_mask
from merge_impls.argument_checks import LINKAGES, one_line_error_message
from merge_impls.backend import BackendError, BackendUnavailable
from merge_impls.canonical_affinities import LAYOUTS
from merge_impls.commands.arguments import (
    Subparsers,
    parse_integer_list,
    parse_number_list,
    parse_positive_integer,
    read_offsets,
)
from merge_impls.commands.exit_codes import (
    CONFORMS,
    CRASHED,
    DISAGREES,
    UNAVAILABLE,
    USAGE,
    exit_codes_help,
    print_failure,
)
from merge_impls.file_writing import atomic_write
from merge_impls.merging import load_backend, merge
from merge_impls.problem import MergeProblem
from merge_impls.problem_from_affinities import problem_from_affinities
from merge_impls.result import CompleteResult
from merge_impls.segments_table import drop_small_segments, write_segments_table
from merge_impls.text_formats import format_shape

DESCRIPTION = """Merge your own affinities, 2-D or 3-D, into segments. Channel c holds at pixel p the
affinity of the pair p and p + offset[c]. Channels with opposite offsets hold affinities of the same
pairs; their mean is taken. Affinities are floats in [0, 1], uint8 (255 stands for 1) or uint16 (65535
stands for 1). Arrays named offsets, stages, thresholds and mask in the same file (and group) are used
unless an option replaces them. Offsets are required, in the file or as an option."""

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
    _add_input_options(parser)
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


def _add_input_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "input", type=Path, metavar="IN", help=f"the file of affinities: {', '.join(OPENERS)}"
    )
    parser.add_argument(
        "--key",
        help="the name of the affinities in IN, such as volumes/affinities; default: affinities or, if "
        "there is no such array, the only array of IN",
    )
    _add_graph_options(parser)
    _add_array_reading_options(parser)


def _add_graph_options(parser: argparse.ArgumentParser) -> None:
    """Add the options --offsets, --stages and --thresholds."""
    parser.add_argument(
        "--offsets",
        help="the offset of each channel, such as '0,1 1,0 -1,0' (y,x or z,y,x), or a file of offsets: "
        ".npy, .json or text; write --offsets=-1,0 if the first offset begins with a minus",
    )
    parser.add_argument(
        "--stages",
        type=parse_integer_list,
        help="the stage of each channel, such as '0 0 1'; default: stage 0 if there is one threshold, and "
        "if there are three, as in Liu et al. (ECCV 2018): 0 for distances up to 4, 1 up to 16, 2 above",
    )
    parser.add_argument(
        "--thresholds",
        type=parse_number_list,
        help="the threshold of each stage, such as '0.9 0.5'; default, if there are no stages: those of "
        "Liu et al. (ECCV 2018), 0.97 0.7 0.3",
    )


def _add_array_reading_options(parser: argparse.ArgumentParser) -> None:
    """Add the options --mask, --layout and --boundary, which say how arrays are read."""
    parser.add_argument(
        "--mask",
        metavar="FILE[:KEY]",
        help="an array that is True, or not 0, in the foreground; default: the array mask of IN, or "
        "every pixel if IN has none",
    )
    parser.add_argument(
        "--layout",
        choices=LAYOUTS,
        default="auto",
        help="whether the channels are on the first or the last axis of the affinities; auto, the "
        "default, takes the axis whose length is the number of offsets",
    )
    parser.add_argument(
        "--boundary",
        action="store_true",
        help="IN holds boundary probabilities v instead of affinities; they are read as 1 - v",
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
    problem, assumed = _read_problem_and_assumptions(options)
    for line in assumed:
        print(f"assumed: {line}")
    for line in _lines_on_long_offsets(problem):
        print(f"note: {line}")
    options.out.mkdir(parents=True, exist_ok=True)
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
    with atomic_write(labels) as partial_labels, atomic_write(table) as partial_table:
        with partial_labels.open("wb") as file:
            np.save(file, result.labels)
        write_segments_table(partial_table, result)


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


def _read_problem_and_assumptions(options: argparse.Namespace) -> tuple[MergeProblem, list[str]]:
    """Make the problem from the file and the options; return it, and what was assumed."""
    read = read_affinities(options.input, options.key)
    given: dict[str, npt.ArrayLike] = {**read}
    if options.offsets is not None:
        given["offsets"] = read_offsets(options.offsets)
    if "offsets" not in given:
        raise ValueError(
            f"{options.input} has affinities {read['affinities'].shape} and no offsets; give the "
            "offset of each channel with --offsets, such as '0,1 1,0'"
        )
    if options.mask is not None:
        given["mask"] = _read_mask(options.mask)
    for name in ("stages", "thresholds"):
        if getattr(options, name) is not None:
            given[name] = getattr(options, name)
    return problem_from_affinities(
        **given, linkage=options.linkage, layout=options.layout, boundary=options.boundary
    )


def _read_mask(text: str) -> npt.NDArray[np.generic]:
    """Read the mask that the option --mask names, as FILE or FILE:KEY."""
    if Path(text).exists() or ":" not in text:
        return read_mask(Path(text))
    path, _, key = text.rpartition(":")
    return read_mask(Path(path), key)


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
    small = f" ({dropped:,} of fewer than {options.min_size} left out)" if dropped else ""
    size = " x ".join(map(str, problem.shape))
    return (
        f"{len(kept.sizes):,} segments{small} from {len(problem.offsets)} offsets and "
        f"{problem.mask.sum():,} foreground pixels of {size}, backend {result.backend}, "
        f"linkage {problem.linkage}: {options.out}"
    )
