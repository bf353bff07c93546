"""Files of counterexamples: the problem, where it comes from, and how it is merged."""

import re
import shlex
from dataclasses import asdict
from pathlib import Path

from merge_impls.conformance.comparator import CallMode, CheckFailure
from merge_impls.problem_files import save_problem


def save(folder: Path, failure: CheckFailure, backend: str, check: str) -> Path:
    """Write the problem to a file that bears the names of backend and check; the one of an earlier
    run is replaced."""
    name = "-".join(re.findall(r"[\w.]+", f"{backend} {check}"))
    path = folder / f"{name}.npz"
    notes = {"backend": backend, "check": check, "says": failure.mismatch.line}
    save_problem(path, failure.mismatch.problem, **notes, way=asdict(failure.mode))
    return path


def mode_from_notes(notes: dict) -> CallMode:
    """The way that ``save`` noted; plainly once where a file has no such note.

    Raises ValueError for a note that says something else.
    """
    noted, usual = notes.get("way", {}), asdict(CallMode())
    fits = isinstance(noted, dict) and all(
        name in usual and type(value) is type(usual[name]) for name, value in noted.items()
    )
    if not fits:
        raise ValueError(f"its note on how to merge it says {noted!r}")
    return CallMode(**noted)


def replay_command(path: Path, backend: str) -> str:
    """What to type to see the fault again."""
    return shlex.join(["merge-impls", "replay", str(path), "--backend", backend])
