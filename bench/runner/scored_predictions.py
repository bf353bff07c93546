"""Predictions read from folders, for ``python -m bench score``: scored and recorded as a study's are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from tqdm import tqdm

from bench.datasets import Dataset
from bench.digests import array_digest, json_digest
from bench.evaluation.average_precision import SizeRange
from bench.evaluation.in_memory import Evaluation
from bench.evaluation.matching import Matches, match_predictions
from bench.evaluation.prediction_reader import PredictionReader
from bench.runner.evaluators import evaluator_version, scorer
from bench.runner.record import Cell, Record
from bench.runner.source_digests import origin
from bench.runner.study_folder import StudyFolder
from bench.types import Instance
from merge_impls.machine import describe_machine

UNKNOWN = "unknown"
"""The weights, in a record of predictions that were not made here."""


Source = PredictionReader | StudyFolder
"""Where the instances of a method are read, one image at a time."""


@dataclass(frozen=True)
class ScoredMethod:
    """A method by its name in the tables.

    found: its instances by image; evaluation: how they match the objects.
    ignored: the number of predictions of each label that is not scored; they are left out.
    origin: the record of the study that found the instances; None for predictions that were not made here.
    """

    name: str
    found: dict[str, list[Instance]]
    evaluation: Evaluation
    ignored: Mapping[str, int]
    origin: Record | None


def read_methods(
    sources: Mapping[str, Source], dataset: Dataset, split: str, images: Sequence[str]
) -> list[ScoredMethod]:
    """Read and match the instances of all methods, by name; each annotation is read once for all methods.

    Raises ValueError or OSError, one line, for a file that cannot be read or does not fit.
    """
    found: dict[str, dict[str, list[Instance]]] = {name: {} for name in sources}
    matches: dict[str, dict[str, Matches]] = {name: {} for name in sources}
    for image in tqdm(images, desc="reading", unit="image"):
        annotation = dataset.annotation(split, image)
        for name, source in sources.items():
            instances = source.read(image, annotation.objects.shape)
            found[name][image] = instances
            matches[name][image] = match_predictions(instances, annotation, dataset.class_names)
    size_range = SizeRange(dataset.least_object_pixels)
    return [
        ScoredMethod(
            name,
            found[name],
            Evaluation(dataset.class_names, matches[name], size_range),
            ignored=source.ignored if isinstance(source, PredictionReader) else {},
            origin=source.record if isinstance(source, StudyFolder) else None,
        )
        for name, source in sources.items()
    ]


class MethodScorer:
    """Makes the records of methods on the same images of a data set, whose name in studies is ``name``."""

    def __init__(self, name: str, dataset: Dataset, split: str, images: Sequence[str]) -> None:
        self.name, self.dataset, self.split, self.images = name, dataset, split, images
        self._score = scorer(dataset, split)

    def record(self, method: ScoredMethod) -> Record:
        """The record of a method, scored as in a study."""
        origin, cell = method.origin, self._cell(method)
        hashes = {
            **self._hashes,
            "weights": origin.hashes["weights"] if origin else UNKNOWN,
            "predictions": found_digest(method.found),
        }
        by = evaluator_version(self.dataset)
        own = {
            "cell": cell.to_json(),
            "predictions": hashes["predictions"],
            "truth": hashes["annotation"],
        }
        return Record(
            key=json_digest({**own, "by": by}),
            study="score",
            state="done",
            cell=cell,
            backend_version="",
            computes="",
            thresholds=origin.thresholds if origin else [],
            min_pixels=origin.min_pixels if origin else 0,
            scores=self._score(method.found),
            hashes=hashes,
            machine=describe_machine(),
        )

    def _cell(self, method: ScoredMethod) -> Cell:
        """The cell of a method with the model and the linkage that its instances come from."""
        origin = method.origin
        return Cell(
            dataset=self.name,
            split=self.split,
            model=origin.cell.model if origin else None,
            backend=method.name,
            linkage=origin.cell.linkage if origin else None,
        )

    @cached_property
    def _hashes(self) -> dict[str, str]:
        """The hashes of what all methods share, as records of studies have them."""
        dataset, split = self.dataset, self.split
        images = [array_digest(dataset.image(split, name)) for name in self.images]
        return origin(images, dataset.annotation_files(split, self.images), __name__)


def found_digest(found: Mapping[str, Sequence[Instance]]) -> str:
    """SHA-256 (hex) of the instances themselves, however they were stored."""
    return json_digest(
        {
            name: [
                [
                    one.class_name,
                    one.confidence,
                    one.shape,
                    str(one.slices),
                    array_digest(one.cropped_mask),
                ]
                for one in instances
            ]
            for name, instances in found.items()
        }
    )
