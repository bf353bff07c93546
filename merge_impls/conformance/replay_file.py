"""Save counterexamples: the problem, the backend and the check that failed, and the call mode."""

import re
import shlex
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from merge_impls.conformance.comparator import CallMode, CheckFailure
from merge_impls.problem_files import save_problem


def save_counterexample(folder: Path, failure: CheckFailure, backend: str, check: str) -> Path:
    """Write the problem to a file named after backend and check; it replaces that of an earlier run.

    The note ``way`` holds the ``CallMode``.
    """
    name = "-".join(re.findall(r"[\w.]+", f"{backend} {check}"))
    path = folder / f"{name}.npz"
    notes = {"backend": backend, "check": check, "says": failure.mismatch.line}
    save_problem(path, failure.problem, **notes, way=asdict(failure.mode))
    return path


def mode_from_notes(notes: Mapping[str, Any]) -> CallMode:
    """The mode that ``save_counterexample`` noted; ``ONCE`` if a file has no such note.

    Raises ValueError for a note that is no mode.
    """
    noted, usual = notes.get("way", {}), asdict(CallMode())
    fits = isinstance(noted, dict) and all(
        name in usual and type(value) is type(usual[name]) for name, value in noted.items()
    )
    if not fits:
        raise ValueError(f"its note on how to merge it is {noted!r}, which is no mode")
    return CallMode(**noted)


def replay_command(path: Path, backend: str) -> str:
    """The command that shows the failure again."""
    return shlex.join(["merge-impls", "replay", str(path), "--backend", backend])
