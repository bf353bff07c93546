"""The debug build of the C code, which checks the invariants of its graph after every stage."""

import subprocess
import sys
from pathlib import Path

PROGRAMS = Path(__file__).parents[2] / "c_merge"


def test_the_debug_build_keeps_its_invariants_and_equals_heap(
    tmp_path,
):
    command = [
        "make",
        "-s",
        "-C",
        PROGRAMS,
        "checked",
        f"OUT={tmp_path}",
        f"PYTHON={sys.executable}",
    ]
    done = subprocess.run([*command, "CC=cc"], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "random problems" in done.stdout and "the same bytes" in done.stdout
