"""Numbers as one types them on a command line."""

import argparse
import json
import re
from pathlib import Path

import numpy as np

from merge_impls.validation import one_line

OFFSETS_TYPED = re.compile(r"[-+\d,\s]+")


def positive(text: str) -> int:
    """A whole number of at least 1."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from 1 on")
    return int(text)


def seconds(text: str) -> float:
    """A time longer than none, and shorter than for ever."""
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is no number of seconds")
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

    Raises ValueError, one line, if it is neither.
    """
    if OFFSETS_TYPED.fullmatch(text):
        return _rows(text)
    path = Path(text)
    if not path.is_file():
        raise ValueError(f"{text!r} is neither a file nor offsets such as '0,1 1,0'")
    try:
        if path.suffix == ".npy":
            return np.load(path, allow_pickle=False)
        content = path.read_text()
        return json.loads(content) if path.suffix == ".json" else _rows(content)
    except (OSError, ValueError, EOFError) as error:
        raise ValueError(f"{path} holds no offsets: {one_line(error)}") from None


def _rows(text: str) -> list[list[int]]:
    """One offset after the other; spaces or new lines between them, commas within."""
    return [[int(step) for step in row.split(",")] for row in text.split()]
