"""Scores of a study's variants, and the change of AP between two variants."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from bench.datasets import Dataset
from bench.evaluation.average_precision import SizeRange
from bench.evaluation.bootstrap import paired_bootstrap
from bench.evaluation.in_memory import Evaluation, evaluate
from bench.runner.evaluators import make_scorer
from bench.runner.image_results import ImageResult
from bench.runner.record import ApChange
from bench.runner.study import Variant

Results = Mapping[Variant, Sequence[ImageResult]]
"""The results of all images, by variant."""


class VariantScores:
    """Computes scores on a split of a data set.

    The scores of a variant are computed once, because all its backends find the same instances.
    """

    def __init__(self, dataset: Dataset, split: str) -> None:
        self.dataset, self.split = dataset, split
        self.score = make_scorer(dataset, split)
        self._scores: dict[Variant, dict[str, Any]] = {}
        self._evaluations: dict[Variant, Evaluation] = {}
        self._changes: dict[Variant, ApChange | None] = {}

    def scores(self, variant: Variant, results: Results) -> dict[str, Any]:
        """The entry ``scores`` of the records of a variant."""
        if variant not in self._scores:
            found = {result.image: result.instances for result in results[variant]}
            self._scores[variant] = self.score(found)
        return self._scores[variant]

    def ap_change(self, variant: Variant, against: Variant, results: Results) -> ApChange | None:
        """The entry ``change`` of the records of a variant: its change of AP from ``against``.

        None if no image has an annotated object, because AP is then undefined.
        """
        if variant not in self._changes:
            first, second = (self._evaluate(each, results) for each in (against, variant))
            interval = paired_bootstrap(first, second)
            known = not np.isnan(interval.difference)
            change = ApChange(against.name, **asdict(interval))
            self._changes[variant] = change if known else None
        return self._changes[variant]

    def _evaluate(self, variant: Variant, results: Results) -> Evaluation:
        if variant not in self._evaluations:
            found = {result.image: result.instances for result in results[variant]}
            truth = {name: self.dataset.annotation(self.split, name) for name in found}
            size_range = SizeRange(self.dataset.least_object_pixels)
            self._evaluations[variant] = evaluate(
                found, truth, self.dataset.class_names, size_range
            )
        return self._evaluations[variant]
