"""The key of scores, and the scores that earlier records have under this key.

Scores follow from the objects that were found, from the annotation and from the evaluator alone. Their key
holds no machine, so scores that another machine has computed are not computed again. A digest of the merge
problems would not be enough: the classes and confidences of objects also depend on the class probabilities of
the networks, which a merge problem does not contain.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property

from bench.datasets import Dataset
from bench.digests import files_digest, json_digest
from bench.runner.evaluators import evaluator_version
from bench.runner.input_digests import code_digests, instances_digest
from bench.runner.record import ApChange, Record, Scores
from bench.types import Instance

SCORING_MODULE = "bench.runner.variant_scores"
"""The module that scores. A key contains a digest of this module and of all modules it imports."""


class ScoresKeys:
    """Computes the keys of scores, and of the change between two scores, on some images of a data set."""

    def __init__(self, dataset: Dataset, split: str, images: Sequence[str]) -> None:
        self._dataset, self._split, self._images = dataset, split, images

    @cached_property
    def _annotation_and_evaluator(self) -> dict[str, object]:
        dataset = self._dataset
        return {
            "annotation": files_digest(dataset.annotation_files(self._split, self._images)),
            "classes": dataset.class_names,
            "least object": dataset.least_object_pixels,
            "evaluator": evaluator_version(dataset),
            "sources": code_digests(SCORING_MODULE)["bench"],
        }

    def of_objects(self, found: Mapping[str, Sequence[Instance]]) -> str:
        """The key of the scores of the objects that were found in each image."""
        return json_digest({"objects": instances_digest(found), **self._annotation_and_evaluator})

    def of_change(self, before: str, after: str) -> str:
        """The key of the change of AP between scores with these two keys."""
        return json_digest([before, after])


class KnownScores:
    """The scores and the changes of AP of records, by their keys. Records without keys are left out."""

    def __init__(self, records: Iterable[Record] = ()) -> None:
        self.scores: dict[str, Scores] = {}
        self.changes: dict[str, ApChange] = {}
        for record in records:
            if record.scores_key is not None and record.scores is not None:
                self.scores[record.scores_key] = record.scores
            if record.change is not None and record.change.key is not None:
                self.changes[record.change.key] = record.change
