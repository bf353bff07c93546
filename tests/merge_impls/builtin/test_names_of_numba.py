"""The table of names in the docstring of ``numba_kernels`` names what exists, in Python and in C."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
C_FILES = sorted((ROOT / "c_merge").rglob("*.[ch]"))
NUMBA_FILES = sorted((ROOT / "merge_impls" / "builtin").rglob("numba_*.py")) + sorted(
    (ROOT / "merge_impls" / "builtin" / "numba_kernels").glob("*.py")
)


def rows() -> list[tuple[list[str], list[str]]]:
    """The names of each row: those of numba, and those of C."""
    package = ROOT / "merge_impls" / "builtin" / "numba_kernels" / "__init__.py"
    table = package.read_text().split("in c_merge/fast\n")[1].split("====\n")[1]
    found = [line.split("  ", 1) for line in table.splitlines() if "``" in line]
    return [(names_in(ours), names_in(theirs)) for ours, theirs in found]


def names_in(cell: str) -> list[str]:
    return [name.rsplit(".", 1)[-1] for name in re.findall(r"``([\w.]+)``", cell)]


def words(files: list[Path]) -> set[str]:
    texts = (file.read_text() for file in files if file.name != "__init__.py")
    return {word for text in texts for word in re.findall(r"\w+", text)}


@pytest.mark.parametrize(("column", "files"), [(0, NUMBA_FILES), (1, C_FILES)], ids=["numba", "c"])
def test_every_name_of_the_table_exists(column, files):
    named = {name for row in rows() for name in row[column] if name not in ("h", "py")}
    assert len(named) > 20
    assert named - words(files) == set()
