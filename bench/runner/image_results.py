"""The results of a study for each image. Each has its own file, so that an interrupted study can go on."""

import warnings
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import safetensors.numpy

from bench.runner.instance_files import InstanceSpool, SavedInstances
from bench.runner.record import Record
from bench.runner.study import Variant
from bench.types import Instance, label_map, label_of_each_instance
from merge_impls.label_agreement import LabelAgreement
from merge_impls.timing import TimedRun
from models.kept_files import (
    DamagedFileError,
    KeptFileWarning,
    damage_reported,
    read_kept_file,
    write_kept_file,
)

FILE_SUFFIX = ".safetensors"
"""The ending of the names of files of image results."""


class DamagedImageResultWarning(KeptFileWarning):
    """A warning: the file of an image's result cannot be read, so that the image is measured again."""


@dataclass(frozen=True)
class ScopeResult:
    """The runs of all backends on the affinity maps of a whole image ("maps") or of a crop ("crops").

    vertices, edges: the sums over all merge problems. merges, segments: the sums over their results.
    tied_merges: see ``count_tied_merges``, the sum; None if a backend kept no history.
    runs: by the name of the backend. regions: the number of merge problems.
    """

    vertices: int
    edges: int
    merges: int
    segments: int
    runs: dict[str, TimedRun]
    regions: int = 1
    tied_merges: int | None = None

    @classmethod
    def sum_over_regions(cls, regions: Sequence["ScopeResult"]) -> "ScopeResult":
        """One result for all regions: the sums of sizes and times, and the first failure."""
        sums = {
            name: sum(getattr(region, name) for region in regions)
            for name in ("vertices", "edges", "merges", "segments")
        }
        runs = {
            name: _sum_runs_over_regions([region.runs[name] for region in regions])
            for name in regions[0].runs
        }
        ties = [region.tied_merges for region in regions if region.tied_merges is not None]
        total = sum(ties) if len(ties) == len(regions) else None
        return cls(**sums, runs=runs, regions=len(regions), tied_merges=total)


def _sum_runs_over_regions(runs: Sequence[TimedRun]) -> TimedRun:
    """One run for all regions of an image: the time of each round is the sum over the regions."""

    def first_non_empty(values: Iterable[str]) -> str:
        return next(filter(None, values), "")

    def sums_by_round(times: Iterable[list[float]]) -> list[float]:
        return [sum(of_round) for of_round in zip(*times, strict=False)]

    peaks = [run.peak_bytes for run in runs if run.peak_bytes is not None]
    return TimedRun(
        runs[0].first_call_seconds,
        seconds=sums_by_round(run.seconds for run in runs),
        cpu_seconds=sums_by_round(run.cpu_seconds for run in runs),
        conversion_seconds=sums_by_round(run.conversion_seconds for run in runs),
        call_seconds=sums_by_round(run.call_seconds for run in runs),
        seconds_again=sums_by_round(run.seconds_again for run in runs),
        peak_bytes=max(peaks, default=None),
        difference=first_non_empty(run.difference for run in runs),
        failed=first_non_empty(run.failed for run in runs),
        kind=first_non_empty(run.kind for run in runs),
    )


@dataclass(frozen=True)
class ImageResult:
    """What was measured on one image with one variant of a study.

    scopes: the merges of the whole image ("maps") and of a crop ("crops"). A third-party method has no
    "crops". instances: the objects that were found in the whole image; a study reads them from a file.
    """

    image: str
    scopes: dict[str, ScopeResult]
    instances: Sequence[Instance]

    @property
    def has_only_right_runs(self) -> bool:
        """Whether all backends gave the reference's results. Other results are not saved."""
        runs = [run for scope in self.scopes.values() for run in scope.runs.values()]
        return not any(run.failed or run.difference for run in runs)


def failed_image_result(
    image: str, methods_and_scopes: Iterable[tuple[str, str]], reason: str
) -> ImageResult:
    """The result of an image that no method merged. reason: why, in one line."""
    scopes: dict[str, ScopeResult] = {}
    for method, scope in methods_and_scopes:
        runs = scopes.setdefault(scope, ScopeResult(0, 0, 0, 0, {})).runs
        runs[method] = TimedRun(None, failed=reason, kind="crash")
    return ImageResult(image, scopes, [])


ImageResults = Mapping[Variant, Sequence[ImageResult]]
"""The results of all images, by variant."""


@dataclass(frozen=True)
class StudyResult:
    """All results of a study: the records in the study's order, and the results of images by variant.

    records_of_report: the records, with those of other versions and machines in the folder of the run.
    """

    records: list[Record]
    image_results: ImageResults
    records_of_report: list[Record]


def save_image_result(path: Path, result: ImageResult, size: tuple[int, int]) -> None:
    """Write a result to a kept file: a compressed label map of the instances, and the rest as notes.

    size: (height, width) of the image. The name of the file is the key of the result.
    """
    rest = {
        "image": result.image,
        "parts": {scope: asdict(merged) for scope, merged in result.scopes.items()},
        "objects": [
            (number, instance.class_name, instance.confidence)
            for number, instance in zip(
                label_of_each_instance(result.instances), result.instances, strict=True
            )
        ],
    }
    labels = zlib.compress(label_map(result.instances, size).astype("<i4").tobytes())
    content = safetensors.numpy.save({"labels": np.frombuffer(labels, np.uint8)})
    write_kept_file(path, content, {"result": path.stem}, {**rest, "size": size})


def refuse_folder_in_place_of_file(path: Path) -> None:
    """Raise OSError if ``path``, the file of a result, is a folder, which no result can replace."""
    if path.is_dir():
        raise OSError(
            f"{path} is a folder in place of a file; move it away and run the study again"
        )


def load_image_result(path: Path) -> ImageResult | None:
    """Read the result in a file. Returns None if the file does not exist.

    Also returns None, with a ``DamagedImageResultWarning``, if the file is damaged or cannot be read.
    """
    try:
        return read_image_result(path)
    except FileNotFoundError:
        return None
    except (DamagedFileError, OSError) as error:
        warnings.warn(f"{error}; measuring it again", DamagedImageResultWarning, stacklevel=2)
        return None


def read_image_result(path: Path) -> ImageResult:
    """Read the result in a file. Raises ``DamagedFileError``, or OSError if it cannot be read."""
    kept = read_kept_file(path, safetensors.numpy.load)
    if kept.key != {"result": path.stem}:
        raise DamagedFileError(path, "it holds another result")
    with damage_reported(path):
        return _build_image_result(kept.arrays["labels"], kept.notes)


def with_instances_in_file(result: ImageResult, path: Path) -> ImageResult:
    """The same result, whose instances are read from the file ``path`` whenever they are used."""
    return replace(result, instances=SavedInstances(path, _read_instances))


def keep_image_result(
    result: ImageResult, path: Path | None, size: tuple[int, int], spool: InstanceSpool
) -> ImageResult:
    """The result of an image of ``size``, with its instances in a file.

    path: where the result is saved for later runs; None: its instances go to ``spool``, as it may be wrong.
    """
    if path is None:
        return replace(result, instances=spool.save(result.instances))
    save_image_result(path, result, size)
    return with_instances_in_file(result, path)


def _read_instances(path: Path) -> list[Instance]:
    return list(read_image_result(path).instances)


def _build_timed_run(entries: dict[str, Any]) -> TimedRun:
    agreement = entries.pop("agreement", None)
    return TimedRun(**entries, agreement=agreement and LabelAgreement(**agreement))


def _build_image_result(compressed: np.ndarray, rest: dict[str, Any]) -> ImageResult:
    labels = np.frombuffer(zlib.decompress(compressed.tobytes()), "<i4").reshape(rest["size"])
    scopes = {}
    for scope, merged in rest["parts"].items():
        runs = {backend: _build_timed_run(run) for backend, run in merged.pop("runs").items()}
        scopes[scope] = ScopeResult(**merged, runs=runs)
    instances = [Instance(labels == number, name, score) for number, name, score in rest["objects"]]
    return ImageResult(rest["image"], scopes, instances)
