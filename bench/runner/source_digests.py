"""Digests of the files that decide a study's figures: after a change, the study is measured anew."""

from collections.abc import Iterable, Sequence
from importlib.metadata import version
from pathlib import Path

import merge_impls
from bench.digests import digest, files_digest

BENCH = Path(__file__).parent.parent
SHOWS_ONLY = {"report", "commands", "cli.py", "options.py", "__main__.py"}
"""Files and folders of ``bench`` that only show figures."""

FLIPS = BENCH.parent / "models" / "flip_averaging.py"
"""How two predictions are averaged; the networks themselves are in the key of the affinity cache."""


def origin(images: Sequence[str], annotation: Iterable[Path]) -> dict[str, str]:
    """SHA-256 of data and sources, and torch's version: the entry ``hashes`` of a record without weights.

    images: the digests of the images; annotation: files.
    """
    return {
        "images": digest(list(images)),
        "annotation": files_digest(annotation),
        "merge_impls": files_digest(merge_sources()),
        "bench": files_digest(bench_sources()),
        "torch": version("torch"),
    }


def merge_sources() -> list[Path]:
    """All files that a built-in backend may run, the compiled extension included."""
    root = Path(merge_impls.__file__).parent
    return [path for path in root.rglob("*") if path.suffix in (".py", ".so")]


def bench_sources() -> list[Path]:
    """All files of ``bench`` that may change a figure."""
    return [
        path for path in BENCH.rglob("*.py") if not SHOWS_ONLY & set(path.relative_to(BENCH).parts)
    ]
