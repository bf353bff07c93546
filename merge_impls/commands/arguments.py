"""Parse the values of options, and declare options that several commands have."""

import argparse
import json
import re
from pathlib import Path
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from merge_impls.argument_checks import one_line_error_message
from merge_impls.conformance.option_defaults import START_SECONDS, TIMEOUT
from merge_impls.regular_files import check_regular_file

Subparsers: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"
"""The type of the object to which ``add_command`` adds a command with ``add_parser``."""

TYPED_OFFSETS = re.compile(r"[-+\d,\s]+")
"""Matches offsets that are typed on the command line, but no name of a file."""

MAX_SECONDS = 1e6
"""The longest time limit, about eleven days; some systems cannot wait much longer."""

MAX_MEBIBYTES = 2**40
"""The largest memory limit; in bytes, the operating system accepts no larger one."""


def add_limit_options(parser: argparse.ArgumentParser) -> None:
    """Add the options ``--timeout`` and ``--memory``."""
    parser.add_argument(
        "--timeout",
        type=parse_seconds,
        metavar="SECONDS",
        help=f"time limit of one merge, the first one and its compilation included; default "
        f"{TIMEOUT:g}, far more than the checks need, and {START_SECONDS:g} for the first merge",
    )
    parser.add_argument(
        "--memory",
        type=parse_mebibytes,
        metavar="MIB",
        help="limit of the data in the memory of the backend's process; default none",
    )


def parse_positive_integer(text: str) -> int:
    """Parse a whole number >= 1. Raises ArgumentTypeError with a one-line message, like all parsers."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number >= 1")
    return int(text)


def parse_seconds(text: str) -> float:
    """Parse a number of seconds that is above 0 and at most ``MAX_SECONDS``."""
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
    """Parse a whole number of MiB that is at least 1 and at most ``MAX_MEBIBYTES``."""
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
    """Parse offsets such as "0,1 1,0", or read them from the file that ``text`` names.

    The file is an .npy file, a .json file with a list of lists, or a text file such as "0,1 1,0".
    Raises ValueError with a one-line message that names the option.
    """
    if TYPED_OFFSETS.fullmatch(text):
        return _parse_typed_offsets(text)
    path = Path(text)
    if not path.exists():
        raise ValueError(f"--offsets: {text!r} is neither a file nor offsets such as '0,1 1,0'")
    _check_regular_offset_file(path)
    try:
        return _read_offset_file(path)
    except (OSError, ValueError, EOFError, RecursionError) as error:
        raise ValueError(
            f"--offsets: {path} is not a list of offsets: {one_line_error_message(error)}"
        ) from None


def _check_regular_offset_file(path: Path) -> None:
    """Raise ValueError, with the name of the option, if a path is not a regular file."""
    try:
        check_regular_file(path)
    except ValueError as error:
        raise ValueError(f"--offsets: {error}") from None


def _read_offset_file(path: Path) -> npt.ArrayLike:
    if path.suffix == ".npy":
        array: npt.NDArray[np.generic] = np.load(path, allow_pickle=False)
        return array
    content = path.read_text(encoding="utf-8-sig")
    if path.suffix == ".json":
        rows: list[list[int]] = json.loads(content)
        return rows
    return _parse_offset_rows(content)


def _parse_typed_offsets(text: str) -> list[list[int]]:
    """Parse offsets that are typed on the command line; the error names the option."""
    try:
        return _parse_offset_rows(text)
    except ValueError:
        raise ValueError(
            f"--offsets: {text!r} is not a list of offsets such as '0,1 1,0'"
        ) from None


def _parse_offset_rows(text: str) -> list[list[int]]:
    """Parse offsets that are separated by spaces or line breaks; components by commas."""
    rows = re.sub(r"\s*,\s*", ",", text).split()
    return [[int(step) for step in row.split(",")] for row in rows]
