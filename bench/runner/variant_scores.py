"""Scores of a study's variants, and the change of AP between two variants."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace

import numpy as np

from bench.datasets import Dataset
from bench.datasets.annotations_on_demand import AnnotationsOnDemand
from bench.evaluation.average_precision import SizeRange
from bench.evaluation.bootstrap import paired_bootstrap
from bench.evaluation.in_memory import Evaluation, evaluate
from bench.runner.evaluators import make_scorer
from bench.runner.image_results import ImageResult
from bench.runner.record import ApChange, Scores
from bench.runner.scores_key import KnownScores, ScoresKeys
from bench.runner.study import Variant
from bench.types import Instance

Results = Mapping[Variant, Sequence[ImageResult]]
"""The results of all images, by variant."""

Found = Mapping[str, Sequence[Instance]]
"""The objects that were found in each image, by the name of the image."""


class VariantScores:
    """Computes scores on images of a split of a data set, or reads them from ``known``.

    The scores of a variant are computed once, because all its backends find the same instances.
    """

    def __init__(self, dataset: Dataset, split: str, images: Sequence[str]) -> None:
        self.dataset, self.split = dataset, split
        self.known = KnownScores()
        self._keys = ScoresKeys(dataset, split, images)
        self._score = make_scorer(dataset, split)
        self._keys_of_variants: dict[Variant, str] = {}
        self._evaluations: dict[Variant, Evaluation] = {}

    def score(self, found: Found) -> tuple[str, Scores]:
        """The entries ``scores_key`` and ``scores`` of a record."""
        key = self._keys.of_objects(found)
        if key not in self.known.scores:
            self.known.scores[key] = self._score(found)
        return key, self.known.scores[key]

    def scores(self, variant: Variant, results: Results) -> tuple[str, Scores]:
        """The entries ``scores_key`` and ``scores`` of the records of a variant."""
        if variant not in self._keys_of_variants:
            self._keys_of_variants[variant], _ = self.score(_objects(results[variant]))
        key = self._keys_of_variants[variant]
        return key, self.known.scores[key]

    def ap_change(self, variant: Variant, against: Variant, results: Results) -> ApChange | None:
        """The entry ``change`` of the records of a variant: its change of AP from ``against``.

        None if no image has an annotated object, because AP is then undefined.
        """
        keys = [self.scores(each, results)[0] for each in (against, variant)]
        key = self._keys.of_change(*keys)
        if key not in self.known.changes:
            first, second = (self._evaluate(each, results) for each in (against, variant))
            interval = paired_bootstrap(first, second)
            if np.isnan(interval.difference):
                return None
            self.known.changes[key] = ApChange(against.name, **asdict(interval), key=key)
        return replace(self.known.changes[key], against=against.name)

    def _evaluate(self, variant: Variant, results: Results) -> Evaluation:
        if variant not in self._evaluations:
            found = _objects(results[variant])
            truth = AnnotationsOnDemand(self.dataset, self.split, found)
            size_range = SizeRange(self.dataset.least_object_pixels)
            self._evaluations[variant] = evaluate(
                found, truth, self.dataset.class_names, size_range
            )
        return self._evaluations[variant]


def _objects(results: Sequence[ImageResult]) -> Found:
    return {result.image: result.instances for result in results}
