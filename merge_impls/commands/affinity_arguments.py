"""The arguments of ``merge-impls run`` that name affinities, and the problem that they give."""

import argparse
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from merge_impls.affinity_files import COMPANION_ARRAYS, OPENERS, read_affinities, read_mask
from merge_impls.arrays import AnyArray
from merge_impls.canonical_affinities import LAYOUTS
from merge_impls.commands.arguments import parse_integer_list, parse_number_list, read_offsets
from merge_impls.problem import MergeProblem
from merge_impls.problem_from_affinities import problem_from_affinities
from merge_impls.text_formats import format_shape


def add_affinity_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the file of affinities, and the options that say how it is read."""
    parser.add_argument(
        "input", type=Path, metavar="IN", help=f"the file of affinities: {', '.join(OPENERS)}"
    )
    parser.add_argument(
        "--key",
        help="the name of the affinities in IN, such as volumes/affinities; default: affinities or, if "
        "there is no such array, the only array of IN",
    )
    _add_offsets_option(parser)
    _add_stage_options(parser)
    _add_mask_options(parser)
    _add_array_reading_options(parser)


def _add_offsets_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--offsets",
        help="the offset of each channel, such as '0,1 1,0 -1,0' (y,x or z,y,x), or a file of offsets: "
        ".npy, .json or text; write --offsets=-1,0 if the first offset begins with a minus",
    )


def _add_stage_options(parser: argparse.ArgumentParser) -> None:
    """Add the options --stages and --thresholds, and those that leave these arrays out."""
    stages = parser.add_mutually_exclusive_group()
    stages.add_argument(
        "--stages",
        type=parse_integer_list,
        help="the stage of each channel, such as '0 0 1'; default: stage 0 if there is one threshold, and "
        "if there are three, as in Liu et al. (ECCV 2018): 0 for distances up to 4, 1 up to 16, 2 above",
    )
    _add_option_without(stages, "stages")
    thresholds = parser.add_mutually_exclusive_group()
    thresholds.add_argument(
        "--thresholds",
        type=parse_number_list,
        help="the threshold of each stage, such as '0.9 0.5'; default, if there are no stages: those of "
        "Liu et al. (ECCV 2018), 0.97 0.7 0.3",
    )
    _add_option_without(thresholds, "thresholds")


def _add_mask_options(parser: argparse.ArgumentParser) -> None:
    mask = parser.add_mutually_exclusive_group()
    mask.add_argument(
        "--mask",
        metavar="FILE[:KEY]",
        help="an array that is True, or not 0, in the foreground; default: the array mask of IN, or "
        "every pixel if IN has none",
    )
    _add_option_without(mask, "mask")


def _add_option_without(group: "argparse._MutuallyExclusiveGroup", name: str) -> None:
    """Add the option --no-NAME, which excludes the option --NAME."""
    group.add_argument(
        f"--no-{name}",
        dest="left_out",
        action="append_const",
        const=name,
        help=f"do not use the array {name} of IN",
    )


def _add_array_reading_options(parser: argparse.ArgumentParser) -> None:
    """Add the options --layout and --boundary, which say how the affinities are read."""
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
    _add_external_links_option(parser)


def _add_external_links_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--external-links",
        action="store_true",
        help="follow links in HDF5 files to other files; without this option they are refused",
    )


@dataclass(frozen=True)
class GivenArrays:
    """The arrays that a command line gives, by the name of the argument of ``problem_from_affinities``.

    path: the file of the affinities. from_file: its arrays. from_options: those that options name.
    """

    path: Path
    from_file: Mapping[str, AnyArray]
    from_options: Mapping[str, npt.ArrayLike]

    def companions_line(self) -> str:
        """A line that names the arrays beside the affinities that are used though no option names them."""
        companions = [
            f"{name} ({format_shape(array.shape)})"
            for name, array in self.from_file.items()
            if name != "affinities"
        ]
        return f"{', '.join(companions)} beside the affinities in {self.path}" if companions else ""

    def make_problem(self, options: argparse.Namespace) -> tuple[MergeProblem, list[str]]:
        """Make the problem; return it, and a line for each value that was assumed."""
        given = {**self.from_file, **self.from_options}
        if "offsets" not in given:
            raise ValueError(
                f"{self.path} has affinities {self.from_file['affinities'].shape} and no offsets; give "
                "the offset of each channel with --offsets, such as '0,1 1,0'"
            )
        return problem_from_affinities(
            **given, linkage=options.linkage, layout=options.layout, boundary=options.boundary
        )


def read_given_arrays(options: argparse.Namespace, report: Callable[[str], None]) -> GivenArrays:
    """Read the file of affinities and the arrays that options name. Raises ValueError or OSError.

    report: called with a line for each array whose file lacks some of its values.
    """
    left_out = options.left_out or []
    replaced = [name for name in COMPANION_ARRAYS if getattr(options, name) is not None]
    companions = [name for name in COMPANION_ARRAYS if name not in (*left_out, *replaced)]
    from_file = read_affinities(
        options.input, options.key, companions, options.external_links, report
    )
    from_options: dict[str, npt.ArrayLike] = {
        name: getattr(options, name) for name in ("stages", "thresholds") if name in replaced
    }
    if options.offsets is not None:
        from_options["offsets"] = read_offsets(options.offsets)
    if options.mask is not None:
        from_options["mask"] = _read_mask(options.mask, options.external_links, report)
    return GivenArrays(options.input, from_file, from_options)


def _read_mask(
    text: str, external_links: bool, report: Callable[[str], None]
) -> npt.NDArray[np.generic]:
    """Read the mask that the option --mask names, as FILE or FILE:KEY."""
    if Path(text).exists() or ":" not in text:
        return read_mask(Path(text), external_links=external_links, report=report)
    path, _, key = text.rpartition(":")
    return read_mask(Path(path), key, external_links, report)
