"""Digests of the files that decide a study's figures: after a change, the study is measured anew."""

from collections.abc import Iterable, Sequence
from importlib.metadata import version
from pathlib import Path

import merge_impls
from bench.digests import files_digest, import_closure, json_digest, sources_digest

MERGE_IMPLS = Path(merge_impls.__file__).parent


def origin(images: Sequence[str], annotation: Iterable[Path], module: str) -> dict[str, str]:
    """SHA-256 of data and sources, and torch's version: the entry ``hashes`` of a record without weights.

    images: the digests of the images. annotation: files. module: what makes the record.
    """
    return {
        "images": json_digest(list(images)),
        "annotation": files_digest(annotation),
        "torch": version("torch"),
        **code_hashes(module),
    }


def code_hashes(module: str) -> dict[str, str]:
    """The part of ``hashes`` that names code: of all merges, and of what else ``module`` imports."""
    return {
        "merge_impls": sources_digest(merge_sources()),
        "bench": sources_digest(study_sources(module)),
    }


def merge_sources() -> list[Path]:
    """All files that a built-in backend may run, the compiled extension included."""
    return [path for path in MERGE_IMPLS.rglob("*") if path.suffix in (".py", ".so")]


def study_sources(module: str) -> list[Path]:
    """All files of ``bench`` and ``models`` that decide a figure of ``module``: those that it imports."""
    return [path for path in import_closure(module) if not path.is_relative_to(MERGE_IMPLS)]
