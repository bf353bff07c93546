"""Parsers for the values of options, and options that several commands share."""

import argparse
import json
import re
from pathlib import Path
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from merge_impls.argument_checks import one_line_message
from merge_impls.conformance.option_defaults import TIMEOUT

Subparsers: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"
"""What ``add_subparsers`` returns; a command is added to it with ``add_parser``."""

TYPED_OFFSETS = re.compile(r"[-+\d,\s]+")

MAX_SECONDS = 1e6
"""Eleven days; the waiting functions of some systems accept little more."""

MAX_MEBIBYTES = 2**40
"""In bytes, the largest memory limit that the system accepts."""


def add_limit_options(parser: argparse.ArgumentParser) -> None:
    """Add the options ``--timeout`` and ``--memory``."""
    parser.add_argument(
        "--timeout",
        type=parse_seconds,
        default=TIMEOUT,
        metavar="SECONDS",
        help=f"limit for one merge; default {TIMEOUT:g}, far more than the problems of the checks need",
    )
    parser.add_argument(
        "--memory",
        type=parse_mebibytes,
        metavar="MIB",
        help="limit on the memory of the backend's process, for data; default none",
    )


def parse_positive_integer(text: str) -> int:
    """Parse a whole number >= 1."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number >= 1")
    return int(text)


def parse_seconds(text: str) -> float:
    """Parse a number of seconds above 0 and up to ``MAX_SECONDS``."""
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number <= MAX_SECONDS:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a number of seconds above 0 and up to {MAX_SECONDS:,.0f}"
        )
    return number


def parse_mebibytes(text: str) -> int:
    """Parse a whole number of MiB."""
    number = parse_positive_integer(text)
    if number > MAX_MEBIBYTES:
        raise argparse.ArgumentTypeError(f"{text!r} is more than {MAX_MEBIBYTES:,} MiB")
    return number


def parse_integer_list(text: str) -> list[int]:
    """Parse whole numbers, separated by commas or spaces."""
    try:
        return [int(number) for number in text.replace(",", " ").split()]
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a list of whole numbers") from None


def parse_number_list(text: str) -> list[float]:
    """Parse numbers, separated by commas or spaces."""
    try:
        return [float(number) for number in text.replace(",", " ").split()]
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a list of numbers") from None


def read_offsets(text: str) -> npt.ArrayLike:
    """Parse offsets such as "0,1 1,0", or read them from a file.

    The file is an .npy, a .json with a list of lists, or a text such as "0,1 1,0".
    Raises ValueError, one line that names the option, if ``text`` is neither.
    """
    if TYPED_OFFSETS.fullmatch(text):
        return _parse_typed_offsets(text)
    path = Path(text)
    if not path.is_file():
        raise ValueError(f"--offsets: {text!r} is neither a file nor offsets such as '0,1 1,0'")
    try:
        return _offsets_in_file(path)
    except (OSError, ValueError, EOFError, RecursionError) as error:
        raise ValueError(
            f"--offsets: {path} is not a list of offsets: {one_line_message(error)}"
        ) from None


def _offsets_in_file(path: Path) -> npt.ArrayLike:
    if path.suffix == ".npy":
        array: npt.NDArray[np.generic] = np.load(path, allow_pickle=False)
        return array
    content = path.read_text()
    if path.suffix == ".json":
        rows: list[list[int]] = json.loads(content)
        return rows
    return _parse_offset_rows(content)


def _parse_typed_offsets(text: str) -> list[list[int]]:
    try:
        return _parse_offset_rows(text)
    except ValueError:
        raise ValueError(
            f"--offsets: {text!r} is not a list of offsets such as '0,1 1,0'"
        ) from None


def _parse_offset_rows(text: str) -> list[list[int]]:
    """Parse offsets separated by spaces or line breaks, with commas between the steps of each."""
    rows = re.sub(r"\s*,\s*", ",", text).split()
    return [[int(step) for step in row.split(",")] for row in rows]
