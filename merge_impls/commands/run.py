"""``merge-impls run``: somebody's own affinities in, labels and a table of segments out."""

import argparse
from pathlib import Path

import numpy as np

from merge_impls.affinity_files import OPENERS, ReaderMissing, read_affinities, read_mask
from merge_impls.argument_checks import LINKAGES, one_line
from merge_impls.backend import BackendUnavailable
from merge_impls.canonical_form import LAYOUTS
from merge_impls.commands.arguments import decimal_numbers, positive, read_offsets, whole_numbers
from merge_impls.commands.exit_codes import CONFORMS, CRASHED, DISAGREES, UNAVAILABLE, USAGE
from merge_impls.commands.isolated import stop
from merge_impls.files import atomic_write
from merge_impls.merging import load, merge
from merge_impls.problem import MergeProblem
from merge_impls.result import BackendError, MergeResult
from merge_impls.segments_table import without_small, write_table
from merge_impls.user_affinities import problem_from_affinities

DESCRIPTION = """Merge your own affinities, 2-D or 3-D, into segments. Channel c at pixel p speaks of
the pair p and p + offset[c]; channels whose offsets are opposite speak of the same pairs and are
averaged. Floats are in [0, 1]; in integers 255 (uint8) or 65535 (uint16) stands for 1. Arrays named
offsets, stages, thresholds and mask beside the affinities are used unless an option says otherwise.
The order of channels is never guessed: without offsets nothing is merged."""

OUTPUT = """OUT receives labels.npy (int32, 0 outside, segments 1..N) and segments.csv (a row each:
label, size, confidence, and for each axis the first index, the one after the last, the centroid)."""

NAMES = ("labels.npy", "segments.csv")


def add(commands: argparse._SubParsersAction) -> None:
    """Declare the command."""
    parser = commands.add_parser(
        "run",
        help="merge your own affinities: labels and a table of segments",
        description=DESCRIPTION,
        epilog=OUTPUT,
    )
    parser.set_defaults(run=run)
    _add_input(parser)
    parser.add_argument(
        "--linkage", choices=LINKAGES, default="average", help="average, if not said"
    )
    parser.add_argument("--backend", default="c", help="one of merge-impls list; c, if not said")
    parser.add_argument("--threads", type=positive, default=1, help="the most it may use; 1")
    parser.add_argument(
        "--min-size",
        type=positive,
        default=1,
        metavar="N",
        help="segments of fewer pixels become 0; the others are numbered anew, in raster order",
    )
    parser.add_argument("--out", type=Path, required=True, help="a folder")
    parser.add_argument("--force", action="store_true", help="overwrite what OUT has")


def _add_input(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("input", type=Path, metavar="IN", help=f"affinities: {', '.join(OPENERS)}")
    parser.add_argument(
        "--key", help="the name of the affinities in IN, such as volumes/affinities; 'affinities'"
    )
    parser.add_argument(
        "--offsets",
        help="of each channel, '0,1 1,0 -1,0' (z,y,x in 3-D), or a file of them: .npy, .json, text; "
        "if the first begins with a minus: --offsets=-1,0",
    )
    parser.add_argument(
        "--stages",
        type=whole_numbers,
        help="of each channel, '0 0 1'; if not said, all 0 for one threshold, and for three by "
        "distance as in the paper: to 4, to 16, beyond",
    )
    parser.add_argument(
        "--thresholds",
        type=decimal_numbers,
        help="of each stage, '0.9 0.5'; if neither these nor stages are said, 0.97 0.7 0.3",
    )
    parser.add_argument("--mask", metavar="FILE[:KEY]", help="foreground: True, or other than 0")
    parser.add_argument(
        "--layout", choices=LAYOUTS, default="auto", help="where IN has its channels"
    )
    parser.add_argument(
        "--boundary", action="store_true", help="1 stands for a boundary: v is read as 1 - v"
    )


def run(options: argparse.Namespace) -> int:
    """Merge, write the two files, print what was assumed and a summary."""
    try:
        _run(options)
    except BrokenPipeError:  # an OSError, and no wrong use
        raise
    except (BackendUnavailable, ReaderMissing) as error:
        return stop("run", error, UNAVAILABLE)
    except BackendError as error:
        return stop("run", error, DISAGREES)
    except (_BackendCrashed, MemoryError) as error:
        return stop("run", error, CRASHED)
    except (ValueError, TypeError, OSError) as error:
        return stop("run", error, USAGE)
    return CONFORMS


class _BackendCrashed(RuntimeError):
    """A backend raised something of its own."""


def _run(options: argparse.Namespace) -> None:
    # First what takes no time to refuse.
    load(options.backend)
    _check_output(options.out, options.force)
    problem, assumed = _problem(options)
    for line in assumed:
        print(f"assumed: {line}")
    options.out.mkdir(parents=True, exist_ok=True)
    result = _merged(problem, options)
    kept = without_small(result, options.min_size)
    _write(options.out, kept)
    print(_summary(problem, result, kept, options))


def _write(out: Path, result: MergeResult) -> None:
    """Both files are whole before either takes its place."""
    labels, table = (out / name for name in NAMES)
    with atomic_write(labels) as partial_labels, atomic_write(table) as partial_table:
        with partial_labels.open("wb") as file:
            np.save(file, result.labels)
        write_table(partial_table, result)


def _check_output(out: Path, force: bool) -> None:
    if out.exists() and not out.is_dir():
        raise ValueError(f"{out} is a file; --out is a folder for {' and '.join(NAMES)}")
    if out.suffix in (*OPENERS, ".csv"):
        raise ValueError(f"{out} looks like a file; --out is a folder for {' and '.join(NAMES)}")
    for place in (out / name for name in NAMES):
        if place.exists() and not place.is_file():
            raise ValueError(f"{place} is no file, and cannot be overwritten; name another --out")
    present = [name for name in NAMES if (out / name).exists()]
    if present and not force:
        raise ValueError(f"{out} has {' and '.join(present)} already; --force overwrites them")


def _problem(options: argparse.Namespace) -> tuple[MergeProblem, list[str]]:
    given = read_affinities(options.input, options.key)
    if options.offsets is not None:
        given["offsets"] = read_offsets(options.offsets)
    if "offsets" not in given:
        raise ValueError(
            f"{options.input} has affinities {given['affinities'].shape} and no offsets; say with "
            "--offsets which neighbour each channel speaks of, such as '0,1 1,0'"
        )
    if options.mask is not None:
        given["mask"] = _read_mask(options.mask)
    for name in ("stages", "thresholds"):
        if getattr(options, name) is not None:
            given[name] = getattr(options, name)
    return problem_from_affinities(
        **given, linkage=options.linkage, layout=options.layout, boundary=options.boundary
    )


def _read_mask(place: str) -> np.ndarray:
    """The mask of "FILE" or "FILE:KEY"."""
    if Path(place).exists() or ":" not in place:
        return read_mask(Path(place))
    path, _, key = place.rpartition(":")
    return read_mask(Path(path), key)


def _merged(problem: MergeProblem, options: argparse.Namespace) -> MergeResult:
    try:
        return merge(problem, options.backend, options.threads)
    except (BackendUnavailable, BackendError):
        raise
    except Exception as error:
        raise _BackendCrashed(
            f"backend {options.backend} failed ({type(error).__name__}: {one_line(error)})"
        ) from None


def _summary(
    problem: MergeProblem, result: MergeResult, kept: MergeResult, options: argparse.Namespace
) -> str:
    dropped = len(result.sizes) - len(kept.sizes)
    small = f" ({dropped:,} of fewer than {options.min_size} left out)" if dropped else ""
    size = " x ".join(map(str, problem.shape))
    return (
        f"{len(kept.sizes):,} segments{small} from {len(problem.offsets)} offsets and "
        f"{problem.mask.sum():,} foreground pixels of {size}, backend {result.backend}, "
        f"linkage {problem.linkage}: {options.out}"
    )
