"""The debug build of the C code, which looks at the invariants of its graph as it merges."""

import subprocess
import sys
from pathlib import Path

PROGRAMS = Path(__file__).parents[2] / "c_merge"


def test_no_random_problem_breaks_an_invariant_of_the_graph_or_gives_other_bytes_than_heap(
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
