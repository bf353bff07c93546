"""What a study found, read from the folder that it left: the instances behind one of its records."""

import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path

from bench.runner import records
from bench.runner.records import Record
from bench.runner.results import DamagedImageResult, ImageResult, load_image_result
from bench.types import Instance

_UNITS = "units"
_COMPARED = ("vertices", "edges", "merges", "segments", "seconds")


def is_study(folder: Path) -> bool:
    """Whether a study left this folder."""
    return (folder / "records.jsonl").is_file() and (folder / _UNITS).is_dir()


class StudyFolder:
    """The instances that a study found on ``names``, images of ``split`` of ``dataset``.

    record: the last one written whose cell merged whole maps of all these images, linkage "average" before
    the other; not a third-party method's, and not one that an oracle was used for. The instances are those
    that it was scored on.

    Raises ValueError if the study has no such record, or the folder lacks what was measured for it.
    """

    def __init__(self, folder: Path, names: Sequence[str], dataset: str, split: str) -> None:
        self.folder = Path(folder)
        self.record = _latest(self.folder, names, dataset, split)
        self._units = {result.image: result for result in self._units_of_record()}
        missing = [name for name in names if name not in self._units]
        if missing:
            raise ValueError(
                f"{self.folder / _UNITS}: holds nothing of image {missing[0]} that belongs to the study's "
                "record; run the study again"
            )

    def read(self, name: str, size: tuple[int, int]) -> list[Instance]:
        """The instances of an image of ``size`` (height, width); raises ValueError for another size."""
        instances = self._units[name].instances
        for instance in instances:
            if instance.shape != size:
                raise ValueError(
                    f"{self.folder}: image {name} is {instance.shape[1]}x{instance.shape[0]} pixels there, "
                    f"{size[1]}x{size[0]} here; name the data that the study was run on"
                )
        return instances

    def _units_of_record(self) -> Iterator[ImageResult]:
        """A result does not say of which linkage or run it is, but its counts and times are the record's."""
        entries = {image["name"]: image for image in self.record["images"]}
        backend = self.record["cell"]["backend"]
        for path in sorted((self.folder / _UNITS).glob("*.npz")):
            with warnings.catch_warnings():
                # What an earlier version left, or half a file, is not of this record; what lacks is named.
                warnings.simplefilter("ignore", DamagedImageResult)
                result = load_image_result(path)
            if result is None or result.image not in entries:
                continue
            part = result.scopes["maps"]
            if backend in part.runs:
                measured = {**vars(part), "seconds": part.runs[backend].seconds}
                if all(measured[key] == entries[result.image][key] for key in _COMPARED):
                    yield result


def _latest(folder: Path, names: Sequence[str], dataset: str, split: str) -> Record:
    wanted = set(names)

    def fits(record: Record) -> bool:
        cell = record["cell"]
        return (
            record["state"] == "done"
            and not record.get("computes")
            and not record.get("truth")
            and (cell["dataset"], cell["split"], cell["scope"]) == (dataset, split, "maps")
            and wanted <= {image["name"] for image in record["images"]}
        )

    found = [record for record in records.read(folder / "records.jsonl") if fits(record)]
    if not found:
        raise ValueError(
            f"{folder / 'records.jsonl'}: no backend was right on all {len(wanted)} images of {dataset} "
            f"{split}; run the study on them, or take fewer with --limit"
        )
    return max(reversed(found), key=lambda record: record["cell"]["linkage"] == "average")
