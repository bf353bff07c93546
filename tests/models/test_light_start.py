import subprocess
import sys
from pathlib import Path

import pytest

import bench

CLONE = Path(bench.__file__).parents[1]
HELP = """
import runpy, sys
sys.argv = ["bench", "--help"]
try:
    runpy.run_module("bench", run_name="__main__")
except SystemExit as left:
    assert not left.code
"""


@pytest.mark.parametrize("start", ["import bench.cli\n", HELP], ids=["import", "help"])
def test_the_command_line_starts_without_torch(start):
    told = "\nimport sys\nprint(*{name.partition('.')[0] for name in sys.modules}, file=sys.stderr)"
    found = subprocess.run(
        [sys.executable, "-c", start + told], cwd=CLONE, capture_output=True, text=True, check=True
    )
    loaded = set(found.stderr.split())
    assert {"bench", "click"} <= loaded
    assert not {"torch", "models", "numba"} & loaded
