"""Numbers as one types them on a command line."""

import argparse
import json
import re
from pathlib import Path

import numpy as np

from merge_impls.argument_checks import one_line

OFFSETS_TYPED = re.compile(r"[-+\d,\s]+")

LONGEST = 1e6
"""Seconds, eleven days; what waits takes few more."""

MOST_MEMORY = 2**40
"""In MiB, as much as systems can be told to allow."""


def positive(text: str) -> int:
    """A whole number of at least 1."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from 1 on")
    return int(text)


def seconds(text: str) -> float:
    """A time longer than none, to ``LONGEST``."""
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number <= LONGEST:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of seconds to {LONGEST:,.0f}")
    return number


def mebibytes(text: str) -> int:
    """An amount of memory in MiB."""
    number = positive(text)
    if number > MOST_MEMORY:
        raise argparse.ArgumentTypeError(f"{text!r} is more than {MOST_MEMORY:,} MiB")
    return number


def whole_numbers(text: str) -> list[int]:
    """Whole numbers between commas or spaces."""
    try:
        return [int(number) for number in text.replace(",", " ").split()]
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} are no whole numbers") from None


def decimal_numbers(text: str) -> list[float]:
    """Numbers between commas or spaces."""
    try:
        return [float(number) for number in text.replace(",", " ").split()]
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} are no numbers") from None


def read_offsets(text: str) -> np.ndarray | list[list[int]]:
    """Offsets such as "0,1 1,0", or those of a file: .npy, .json (a list of lists) or such a text.

    Raises ValueError, one line that names the option, if it is neither.
    """
    if OFFSETS_TYPED.fullmatch(text):
        return _typed_offsets(text)
    path = Path(text)
    if not path.is_file():
        raise ValueError(f"--offsets: {text!r} is neither a file nor offsets such as '0,1 1,0'")
    try:
        if path.suffix == ".npy":
            return np.load(path, allow_pickle=False)
        content = path.read_text()
        return json.loads(content) if path.suffix == ".json" else _rows(content)
    except (OSError, ValueError, EOFError, RecursionError) as error:
        raise ValueError(f"--offsets: {path} holds no offsets: {one_line(error)}") from None


def _typed_offsets(text: str) -> list[list[int]]:
    try:
        return _rows(text)
    except ValueError:
        raise ValueError(f"--offsets: {text!r} are no offsets such as '0,1 1,0'") from None


def _rows(text: str) -> list[list[int]]:
    """One offset after the other; spaces or new lines between them, commas within."""
    rows = re.sub(r"\s*,\s*", ",", text).split()
    return [[int(step) for step in row.split(",")] for row in rows]
