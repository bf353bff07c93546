"""The files that decide a study's figures; whoever changes one gets new figures."""

from collections.abc import Iterable, Sequence
from importlib.metadata import version
from pathlib import Path

import merge_impls
from bench.digests import digest, files_digest

BENCH = Path(__file__).parent.parent
DRAWS_ONLY = {"report", "commands", "cli"}
"""Parts of ``bench`` that show figures and make none."""

FLIPS = BENCH.parent / "models" / "flip_averaging.py"
"""What makes one answer of two; what the networks answer is in the key of the affinity cache."""


def origin(images: Sequence[str], annotation: Iterable[Path]) -> dict[str, str]:
    """What a record says of its origin, whoever made the predictions: SHA-256 of data and sources, and
    torch's version. images: the digests of the pictures."""
    return {
        "images": digest(list(images)),
        "annotation": files_digest(annotation),
        "merge_impls": files_digest(merge_sources()),
        "bench": files_digest(bench_sources()),
        "torch": version("torch"),
    }


def merge_sources() -> list[Path]:
    """All that a built-in backend may run, the compiled extension included."""
    root = Path(merge_impls.__file__).parent
    return [path for path in root.rglob("*") if path.suffix in (".py", ".so")]


def bench_sources() -> list[Path]:
    """All of ``bench`` that may change a figure."""
    return [
        path for path in BENCH.rglob("*.py") if not DRAWS_ONLY & set(path.relative_to(BENCH).parts)
    ]
