"""Digests of the files that determine the results of a study. After a change, results are measured again."""

from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path

import merge_impls
from bench.digests import (
    array_digest,
    files_digest,
    imported_source_files,
    json_digest,
    json_digest_of_entries,
    source_files_digest,
)
from bench.types import Instance

MERGE_IMPLS = Path(merge_impls.__file__).parent


def record_hashes_without_weights(
    images: Sequence[str], annotation: Iterable[Path], module: str
) -> dict[str, str]:
    """The entry ``hashes`` of a record, without weights: SHA-256 of data and code, and torch's version.

    images: the digests of the images. annotation: the files of the annotation. module: the name of the
    module that makes the record.
    """
    return {
        "images": json_digest(list(images)),
        "annotation": files_digest(annotation),
        "torch": version("torch"),
        **code_digests(module),
    }


def code_digests(module: str) -> dict[str, str]:
    """The digests of the code: of ``merge_impls``, and of what ``module`` imports from the other packages."""
    return {
        "merge_impls": source_files_digest(merge_impls_files()),
        "bench": source_files_digest(imported_bench_and_models_files(module)),
    }


def merge_impls_files() -> list[Path]:
    """All files of ``merge_impls``: Python modules and compiled extensions."""
    return [path for path in MERGE_IMPLS.rglob("*") if path.suffix in (".py", ".so")]


def imported_bench_and_models_files(module: str) -> list[Path]:
    """The files of ``bench`` and ``models`` that ``module`` imports, directly or indirectly."""
    return [path for path in imported_source_files(module) if not path.is_relative_to(MERGE_IMPLS)]


def instances_digest(found: Mapping[str, Sequence[Instance]]) -> str:
    """SHA-256 (hex) of the instances of all images. It does not depend on the format of their files."""
    return json_digest_of_entries(
        (name, [_instance_entries(one) for one in found[name]]) for name in sorted(found)
    )


def _instance_entries(instance: Instance) -> list[object]:
    return [
        instance.class_name,
        float(instance.confidence),
        instance.shape,
        str(instance.slices),
        array_digest(instance.cropped_mask),
    ]
