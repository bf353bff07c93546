"""Damage kept files at random, and count how often the damage is not noticed."""

import random
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.runner.record_schema import RecordError
from models.kept_files import DamagedFileError, KeptFileWarning
from models.model_config import ModelError
from models.training.training_loop import CheckpointError

EXPECTED_ERRORS = (DamagedFileError, RecordError, ModelError, CheckpointError)
"""The errors that end a command with one line."""


@dataclass(frozen=True)
class KeptKind:
    """A kind of kept file.

    write: writes a file of this kind. read: reads the file as the program does.
    is_right: whether what was read may be used in place of what was written.
    """

    write: Callable[[Path], object]
    read: Callable[[Path], Any]
    is_right: Callable[[Any, Any], bool]


def damaged_contents(content: bytes, count: int, seed: int) -> Iterator[bytes]:
    """Yield ``count`` damaged copies of a file: with flipped bits, cut, or with a block of zeros."""
    source = random.Random(seed)
    made = 0
    while made < count:
        damaged = source.choice((_flip_bits, _cut, _zero_a_block))(bytearray(content), source)
        if damaged != content:
            made += 1
            yield bytes(damaged)


def _flip_bits(content: bytearray, source: random.Random) -> bytearray:
    for _ in range(source.choice((1, 1, 1, 2, 8))):
        place = source.randrange(8 * len(content))
        content[place // 8] ^= 1 << place % 8
    return content


def _cut(content: bytearray, source: random.Random) -> bytearray:
    return content[: source.randrange(len(content))]


def _zero_a_block(content: bytearray, source: random.Random) -> bytearray:
    start = source.randrange(len(content))
    length = min(2 ** source.randrange(13), len(content) - start)
    content[start : start + length] = bytes(length)
    return content


def count_outcomes(kind: KeptKind, path: Path, count: int, seed: int = 0) -> Counter[str]:
    """Damage a file ``count`` times and read it each time.

    The outcomes: "noticed" with one line that names the file; "harmless" if what was read is right; "silent"
    if it is not; otherwise the class and the message of an unexpected exception, or of a bad line.
    """
    kind.write(path)
    written, whole = kind.read(path), path.read_bytes()
    outcomes: Counter[str] = Counter()
    for content in damaged_contents(whole, count, seed):
        path.write_bytes(content)
        outcomes[_outcome(kind, path, written)] += 1
    return outcomes


def _outcome(kind: KeptKind, path: Path, written: Any) -> str:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            read = kind.read(path)
        except EXPECTED_ERRORS as error:
            return _describe_line(str(error), path)
        except Exception as error:
            return f"uncaught {type(error).__name__}: {error}"
    lines = [str(each.message) for each in caught if issubclass(each.category, KeptFileWarning)]
    if lines:
        return _describe_line(lines[0], path)
    return "harmless" if kind.is_right(read, written) else "silent"


def _describe_line(line: str, path: Path) -> str:
    return "noticed" if str(path) in line and "\n" not in line else f"bad line: {line}"
