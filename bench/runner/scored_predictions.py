"""Scores predictions that are read from folders, for ``python -m bench score``, and makes their records."""

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
from bench.evaluation.scored_objects import count_scored_objects, refuse_images_without_objects
from bench.runner.evaluators import SplitEvaluator, evaluator_version
from bench.runner.input_digests import instances_digest, record_hashes_without_weights
from bench.runner.record import Cell, Record
from bench.runner.study_folder import StudyFolderReader
from bench.types import Instance
from merge_impls.machine import describe_machine

UNKNOWN = "unknown"
"""The entry ``weights`` in a record of predictions that no study of this project made."""

_REMEDY_WITHOUT_OBJECTS = (
    "name a split with annotated objects (--split); the test split of Cityscapes has none"
)

Source = PredictionReader | StudyFolderReader
"""An object that reads the instances of a method, one image at a time."""


@dataclass(frozen=True)
class ScoredMethod:
    """The predictions of one method, compared with the annotation.

    name: the name of the method in tables. found: the instances by image.
    evaluation: the matches of instances and annotated objects.
    ignored: for each label that is not scored, the number of predictions that were left out.
    empty_masks: the places of predictions that were left out because their masks have no pixel.
    origin: the record of the study that found the instances; None if no study of this project found them.
    """

    name: str
    found: dict[str, list[Instance]]
    evaluation: Evaluation
    ignored: Mapping[str, int]
    empty_masks: Sequence[str]
    origin: Record | None


def read_scored_methods(
    sources: Mapping[str, Source], dataset: Dataset, split: str, images: Sequence[str]
) -> list[ScoredMethod]:
    """Read the instances of all methods, and match them with the annotation.

    sources: by the name of the method. Raises ValueError or OSError with a message of one line for a file
    that cannot be read or does not fit to the data set, and if no image has an object that is scored.
    """
    size_range, objects = SizeRange(dataset.least_object_pixels), 0
    found: dict[str, dict[str, list[Instance]]] = {name: {} for name in sources}
    matches: dict[str, dict[str, Matches]] = {name: {} for name in sources}
    for image in tqdm(images, desc="reading", unit="image"):
        annotation = dataset.annotation(split, image)
        objects += count_scored_objects(annotation, size_range)
        for name, source in sources.items():
            instances = source.read_instances(image, annotation.objects.shape)
            found[name][image] = instances
            matches[name][image] = match_predictions(instances, annotation, dataset.class_names)
    where = f"{dataset.root}, split {split}"
    refuse_images_without_objects(objects, size_range, where, _REMEDY_WITHOUT_OBJECTS)
    return [
        ScoredMethod(
            name,
            found[name],
            Evaluation(dataset.class_names, matches[name], size_range),
            ignored=source.ignored if isinstance(source, PredictionReader) else {},
            empty_masks=source.empty_masks if isinstance(source, PredictionReader) else (),
            origin=source.record if isinstance(source, StudyFolderReader) else None,
        )
        for name, source in sources.items()
    ]


class MethodScorer:
    """Makes the records of several methods on the same images.

    name: the name of the data set in records. images: the names of the images.
    """

    def __init__(self, name: str, dataset: Dataset, split: str, images: Sequence[str]) -> None:
        self.name, self.dataset, self.split, self.images = name, dataset, split, images
        self._evaluator = SplitEvaluator(dataset, split)

    def record(self, method: ScoredMethod) -> Record:
        """Score a method as a study does, and make the record."""
        origin, cell = method.origin, self._record_cell(method)
        hashes = {
            **self._record_hashes,
            "weights": origin.hashes["weights"] if origin else UNKNOWN,
            "predictions": instances_digest(method.found),
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
            scores=self._evaluator.score(method.found).scores,
            hashes=hashes,
            machine=describe_machine(),
        )

    def _record_cell(self, method: ScoredMethod) -> Cell:
        """The cell of a method. The model and the linkage are those of the study that found the instances."""
        origin = method.origin
        return Cell(
            dataset=self.name,
            split=self.split,
            model=origin.cell.model if origin else None,
            backend=method.name,
            linkage=origin.cell.linkage if origin else None,
        )

    @cached_property
    def _record_hashes(self) -> dict[str, str]:
        """The entries of ``hashes`` that are the same for all methods: the digests of data and code."""
        dataset, split = self.dataset, self.split
        images = [array_digest(dataset.image(split, name)) for name in self.images]
        annotation = dataset.annotation_files(split, self.images)
        return record_hashes_without_weights(images, annotation, __name__)
