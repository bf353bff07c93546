"""Save a problem that fails a check, with notes on the backend, the check and the call mode, for a replay."""

import re
import shlex
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from merge_impls.conformance.comparator import CallMode, CheckFailure
from merge_impls.problem import MergeProblem
from merge_impls.problem_files import save_problem

MOST_CALLS = 1000
"""The largest number of threads, of repetitions and of merges at once that a saved problem may have."""

MOST_VERTICES = 2**24
"""The most vertices of a problem that is replayed. Saved problems have some thousands."""


def save_counterexample(folder: Path, failure: CheckFailure, backend: str, check: str) -> Path:
    """Write the problem of a failure to a file named after backend and check; return its path.

    An existing file of that name is replaced. The notes of the file are backend, check, "says" (the
    mismatch in one line) and "way" (the fields of the ``CallMode``).
    """
    name = "-".join(re.findall(r"[\w.]+", f"{backend} {check}"))
    path = folder / f"{name}.npz"
    notes = {"backend": backend, "check": check, "says": failure.mismatch.line}
    save_problem(path, failure.problem, **notes, way=asdict(failure.mode))
    return path


def call_mode_from_notes(notes: Mapping[str, Any]) -> CallMode:
    """Return the call mode in the notes of a saved problem; ``ONCE`` if they have none.

    Raises ValueError, one line, if the note "way" does not hold fields of a ``CallMode``.
    """
    noted, usual = notes.get("way", {}), asdict(CallMode())
    fits = isinstance(noted, dict) and all(
        name in usual and type(value) is type(usual[name]) for name, value in noted.items()
    )
    if not fits:
        raise ValueError(f"its note 'way' is {noted!r}; expected fields of a CallMode")
    for name, value in noted.items():
        if type(value) is int and not 1 <= value <= MOST_CALLS:
            raise ValueError(f"its note 'way' has {name} {value}; expected 1 to {MOST_CALLS}")
    return CallMode(**noted)


def check_replayed_size(problem: MergeProblem) -> None:
    """Raise ValueError for more than ``MOST_VERTICES``, which would fill the memory of a reference."""
    if problem.num_vertices > MOST_VERTICES:
        raise ValueError(
            f"the problem has {problem.num_vertices:,} vertices, but at most {MOST_VERTICES:,} are replayed; "
            "save a smaller part of it"
        )


def replay_command(path: Path, backend: str) -> str:
    """Return the shell command that merges the saved problem again."""
    return shlex.join(["merge-impls", "replay", str(path), "--backend", backend])
