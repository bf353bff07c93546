"""Importing the package loads no heavy module, and its modules have no circular imports."""

import ast
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import merge_impls

HEAVY = ["networkx", "numba", "hypothesis", "merge_impls._c_merge"]
PACKAGE = Path(merge_impls.__file__).parent


def heavy_modules_after(code):
    """Run code in a fresh interpreter; return, as text, the list of heavy modules that it has loaded."""
    report = f"import sys; print([m for m in {HEAVY} if m in sys.modules])"
    command = [sys.executable, "-c", f"{code}\n{report}"]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    return run.stdout.splitlines()[-1]


HELP = """
from merge_impls.cli import main
try:
    main(["--help"])
except SystemExit as end:
    assert end.code == 0
"""


@pytest.mark.parametrize(
    "code",
    [
        "import merge_impls",
        "import merge_impls; assert len(merge_impls.backends()) >= 3",
        HELP,
        "from merge_impls.cli import main; assert main(['list']) == 0",
    ],
    ids=["import", "backends()", "--help", "list"],
)
def test_nothing_heavy_is_imported_before_a_backend_is_used(code):
    assert heavy_modules_after(code) == "[]"


def test_using_a_backend_imports_what_that_one_needs():
    code = "import merge_impls as m; m.merge(m.MergeProblem.from_edges(1, [], [], [], [0]), 'c')"
    assert heavy_modules_after(code) == "['merge_impls._c_merge']"


def imported_modules(path):
    """Yield the modules of the package that a file imports, including those under ``TYPE_CHECKING``."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module.split(".")[0] == "merge_impls":
            for name in [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]:
                yield name.removeprefix("merge_impls").removeprefix(".")


def test_flat_modules_import_each_other_without_circles():
    modules = {path.stem: path for path in PACKAGE.glob("*.py") if path.stem != "__init__"}
    graph = {name: modules.keys() & set(imported_modules(path)) for name, path in modules.items()}
    order = list(TopologicalSorter(graph).static_order())
    assert set(order) == set(modules) and any(graph.values())
