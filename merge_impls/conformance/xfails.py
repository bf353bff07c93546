"""Files of expected failures: a pattern for names of checks, then ``# reason``, on each line."""

from collections.abc import Sequence
from fnmatch import fnmatchcase
from pathlib import Path


def read_xfails(path: Path, names: Sequence[str]) -> dict[str, str]:
    """The reason for each of ``names`` that a line of the file matches; of two, the first counts.

    Empty lines, and those that begin with #, are comments. Raises OSError, and ValueError, one line,
    for a line without a reason or one that matches no check.
    """
    if not path.is_file():
        raise FileNotFoundError(f"{path}, the file of expected failures, does not exist")
    reasons: dict[str, str] = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        pattern, _, reason = (part.strip() for part in line.partition("#"))
        if not reason:
            raise ValueError(f"{path}, line {number}: {pattern!r} needs a reason after a #")
        matching = [name for name in names if fnmatchcase(name, pattern)]
        if not matching:
            raise ValueError(f"{path}, line {number}: no check is named {pattern!r}")
        for name in matching:
            reasons.setdefault(name, reason)
    return reasons
