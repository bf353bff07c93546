"""The walls between the rooms, as pyproject.toml draws them, stand."""

import subprocess
import sys
from pathlib import Path

import bench

ROOT = Path(bench.__file__).parent.parent
LINT = "from importlinter.cli import lint_imports; raise SystemExit(lint_imports(no_cache=True))"


def test_no_import_goes_through_a_wall():
    run = subprocess.run(
        [sys.executable, "-c", LINT], cwd=ROOT, capture_output=True, text=True, timeout=120
    )
    assert run.returncode == 0, run.stdout + run.stderr
    assert " 0 broken." in run.stdout
