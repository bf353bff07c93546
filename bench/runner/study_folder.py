"""Reads the instances that a study found, from the folder in which the study was run."""

import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path

from bench.runner import records
from bench.runner.image_results import (
    FILE_SUFFIX,
    DamagedImageResultWarning,
    ImageResult,
    load_image_result,
)
from bench.runner.record import Record
from bench.types import Instance
from merge_impls.text_formats import format_shape

_RESULTS_FOLDER = "units"
_COMPARED_ENTRIES = ("vertices", "edges", "merges", "segments", "seconds")


def is_study_folder(folder: Path) -> bool:
    """Whether a study was run in this folder."""
    return (folder / "records.jsonl").is_file() and (folder / _RESULTS_FOLDER).is_dir()


class StudyFolderReader:
    """Reads the instances that a study found, one image at a time. They belong to one record of the study.

    names: the names of the images.
    record: the last record of a backend with right results on all these images. A record with linkage
    "average" is preferred. Records of third-party methods, and of variants with an oracle, are not used.

    Raises ValueError if there is no such record, or if the folder lacks the result of an image.
    """

    def __init__(self, folder: Path, names: Sequence[str], dataset: str, split: str) -> None:
        self.folder = Path(folder)
        self.record = _latest_usable_record(self.folder, names, dataset, split)
        self._results = {
            result.image: result for result in self._find_image_results_matching_record()
        }
        missing = [name for name in names if name not in self._results]
        if missing:
            raise ValueError(
                f"{self.folder / _RESULTS_FOLDER}: holds nothing of image {missing[0]} that belongs to the "
                "study's record; run the study again"
            )

    def read_instances(self, name: str, size: tuple[int, int]) -> list[Instance]:
        """The instances of an image. Raises ValueError if ``size`` (height, width) is not their size."""
        instances = list(self._results[name].instances)
        for instance in instances:
            if instance.shape != size:
                raise ValueError(
                    f"{self.folder}: image {name} is {format_shape(instance.shape)} pixels (height x width) "
                    f"there, {format_shape(size)} here; name the data that the study was run on"
                )
        return instances

    def _find_image_results_matching_record(self) -> Iterator[ImageResult]:
        """The saved results of those images that the record names.

        The files of results do not name the record. A file belongs to the record if its counts and times
        equal those of the record's entry for this image.
        """
        entries = {image.name: image for image in self.record.images}
        backend = self.record.cell.backend
        for path in sorted((self.folder / _RESULTS_FOLDER).glob(f"*{FILE_SUFFIX}")):
            with warnings.catch_warnings():
                # Files of other records may be damaged. A damaged file of this record counts as missing,
                # for which the constructor raises an error.
                warnings.simplefilter("ignore", DamagedImageResultWarning)
                result = load_image_result(path)
            if result is None or result.image not in entries:
                continue
            maps = result.scopes["maps"]
            if backend in maps.runs:
                measured = {**vars(maps), "seconds": maps.runs[backend].seconds}
                if all(
                    measured[key] == getattr(entries[result.image], key)
                    for key in _COMPARED_ENTRIES
                ):
                    yield result


def _latest_usable_record(folder: Path, names: Sequence[str], dataset: str, split: str) -> Record:
    wanted = set(names)

    def is_usable(record: Record) -> bool:
        cell = record.cell
        return (
            record.state == "done"
            and not record.computes
            and not record.truth
            and (cell.dataset, cell.split, cell.scope) == (dataset, split, "maps")
            and wanted <= {image.name for image in record.images}
        )

    found = [record for record in records.read(folder / "records.jsonl") if is_usable(record)]
    if not found:
        raise ValueError(
            f"{folder / 'records.jsonl'}: no backend was right on all {len(wanted)} images of {dataset} "
            f"{split}; run the study on them, or take fewer with --limit"
        )
    return max(reversed(found), key=lambda record: record.cell.linkage == "average")
