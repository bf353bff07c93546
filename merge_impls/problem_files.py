"""Save merge problems to ``.npz`` files and load them."""

import json
from pathlib import Path
from typing import Any

import numpy as np

from merge_impls.argument_checks import one_line_error_message
from merge_impls.array_sizes import check_archive_fits_memory
from merge_impls.file_writing import atomic_write
from merge_impls.problem import MergeProblem
from merge_impls.regular_files import check_regular_file

FORMAT = "merge-impls problem 1"
FORMAT_WITH_COUNTS = "merge-impls problem 2"
"""The format of problems whose edges have counts, which readers of the first format refuse."""

ARRAYS = ("thresholds", "stages", "affinities")
GRID_ARRAYS = ("offsets", "mask")
EDGE_ARRAYS = ("edges",)
COUNT_ARRAYS = ("counts", "totals")


def save_problem(path: Path, problem: MergeProblem, **notes: Any) -> None:
    """Write a problem to an ``.npz`` file, completely or not at all.

    notes: values that JSON can hold, which are saved with the problem.
    """
    has_counts = problem.counts is not None
    names = ARRAYS + (GRID_ARRAYS if problem.is_grid else EDGE_ARRAYS)
    names += COUNT_ARRAYS if has_counts else ()
    head = {
        "format": FORMAT_WITH_COUNTS if has_counts else FORMAT,
        "linkage": problem.linkage,
        "num_vertices": problem.num_vertices,
        "notes": notes,
    }
    with atomic_write(Path(path)) as partial, partial.open("wb") as file:
        arrays = {name: getattr(problem, name) for name in names}
        np.savez_compressed(file, head=np.array(json.dumps(head)), **arrays)


def load_problem_and_notes(path: Path) -> tuple[MergeProblem, dict[str, Any]]:
    """Read the problem and the notes that ``save_problem`` wrote to a file.

    Raises FileNotFoundError if there is no file, and ValueError if it is damaged or of another kind.
    """
    path = Path(path)
    if not path.exists():
        raise FileNotFoundError(f"{path} does not exist")
    try:
        check_regular_file(path)
        check_archive_fits_memory(path)
        with np.load(path, allow_pickle=False) as file:
            head = json.loads(str(file["head"]))
            _check_head(head, has_counts={*COUNT_ARRAYS} <= {*file.files})
            return _problem_from_arrays(file, head), head["notes"]
    except Exception as error:  # a damaged file can raise any exception
        raise ValueError(
            f"{path} is not a saved problem: {one_line_error_message(error)}"
        ) from None


def _check_head(head: dict[str, Any], has_counts: bool) -> None:
    """Raise ValueError, KeyError or TypeError for a head that ``save_problem`` does not write."""
    if head["format"] not in (FORMAT, FORMAT_WITH_COUNTS):
        known = f"{FORMAT!r} or {FORMAT_WITH_COUNTS!r}"
        raise ValueError(f"its format is {head['format']!r}, not {known}")
    if (head["format"] == FORMAT_WITH_COUNTS) != has_counts:
        raise ValueError(f"counts and totals do not fit its format, {head['format']!r}")
    if not isinstance(head["notes"], dict):
        raise ValueError("its notes are not a table")


def _problem_from_arrays(file: np.lib.npyio.NpzFile, head: dict[str, Any]) -> MergeProblem:
    # Saved thresholds are converted again, which does not change them: they are float32(i / 65535).
    arrays = {name: file[name] for name in file.files if name != "head"}
    if "edges" in arrays:
        return MergeProblem.from_edges(head["num_vertices"], linkage=head["linkage"], **arrays)
    return MergeProblem.from_grid(linkage=head["linkage"], **arrays)
