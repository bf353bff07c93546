"""The files that decide a study's figures; whoever changes one gets new figures."""

from pathlib import Path

import merge_impls

BENCH = Path(__file__).parent.parent
DRAWS_ONLY = {"report", "commands", "cli.py"}
"""Parts of ``bench`` that show figures and make none."""


def merge_sources() -> list[Path]:
    """All that a built-in backend may run, the compiled extension included."""
    root = Path(merge_impls.__file__).parent
    return [path for path in root.rglob("*") if path.suffix in (".py", ".so")]


def bench_sources() -> list[Path]:
    """All of ``bench`` that may change a figure."""
    return [
        path for path in BENCH.rglob("*.py") if not DRAWS_ONLY & set(path.relative_to(BENCH).parts)
    ]
