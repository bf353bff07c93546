"""A problem in one ``.npz``: to be kept, sent, and merged again elsewhere."""

import json
import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np

from merge_impls.argument_checks import one_line
from merge_impls.files import atomic_write
from merge_impls.problem import MergeProblem

FORMAT = "merge-impls problem 1"

ARRAYS = ("thresholds", "stages", "affinities")
OF_A_GRID = ("offsets", "mask")
OF_A_GRAPH = ("edges",)

DAMAGE = (
    OSError,
    ValueError,
    KeyError,
    TypeError,
    EOFError,
    RuntimeError,
    zipfile.BadZipFile,
    zlib.error,
)
"""Which of them a damaged ``.npz`` raises depends on where a flipped bit falls: in the archive, the
stream or the arrays."""


def save_problem(path: Path, problem: MergeProblem, **notes: Any) -> None:
    """Write a problem whole or not at all; ``notes``, anything that JSON holds, go with it."""
    names = ARRAYS + (OF_A_GRID if problem.is_grid else OF_A_GRAPH)
    head = {
        "format": FORMAT,
        "linkage": problem.linkage,
        "num_vertices": problem.num_vertices,
        "notes": notes,
    }
    with atomic_write(Path(path)) as partial, partial.open("wb") as file:
        arrays = {name: getattr(problem, name) for name in names}
        np.savez_compressed(file, head=np.array(json.dumps(head)), **arrays)


def load_problem(path: Path) -> tuple[MergeProblem, dict[str, Any]]:
    """The problem and the notes of a file, checked as any problem is.

    Raises FileNotFoundError, and ValueError for a file that is damaged or something else.
    """
    path = Path(path)
    if not path.exists():
        raise FileNotFoundError(f"{path} does not exist")
    try:
        with np.load(path, allow_pickle=False) as file:
            head = json.loads(str(file["head"]))
            if head["format"] != FORMAT:
                raise ValueError(f"its format is {head['format']!r}, not {FORMAT!r}")
            return _problem(file, head), head["notes"]
    except DAMAGE as error:
        raise ValueError(f"{path} is not a saved problem: {one_line(error)}") from None


def _problem(file: np.lib.npyio.NpzFile, head: dict[str, Any]) -> MergeProblem:
    # float32 thresholds are R = q / 65535 rounded, and come out of the conversion as they went in.
    arrays = {name: file[name] for name in file.files if name != "head"}
    if "edges" in arrays:
        return MergeProblem.from_edges(head["num_vertices"], linkage=head["linkage"], **arrays)
    return MergeProblem.from_grid(linkage=head["linkage"], **arrays)
