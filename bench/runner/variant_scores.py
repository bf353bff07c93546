"""Scores of a study's variants, and the change of AP between two variants."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace

import numpy as np

from bench.datasets import Dataset
from bench.evaluation.bootstrap import paired_bootstrap
from bench.evaluation.in_memory import Evaluation
from bench.runner.evaluators import SplitEvaluator
from bench.runner.executors import Executor
from bench.runner.image_results import ImageResult
from bench.runner.matching_work import Found
from bench.runner.record import ApChange, Scores
from bench.runner.scores_key import KnownScores, ScoresKeys
from bench.runner.study import Variant

Results = Mapping[Variant, Sequence[ImageResult]]
"""The results of all images, by variant."""


class VariantScores:
    """Computes scores on images of a split of a data set, or reads them from ``known``.

    The scores of a variant are computed once, because all its backends find the same instances.

    executor: the workers that compare instances with the annotation; None for this process.
    keeps_evaluations: whether evaluations of variants stay in memory, because their AP will be compared.
    """

    def __init__(
        self,
        dataset: Dataset,
        split: str,
        images: Sequence[str],
        executor: Executor | None = None,
        keeps_evaluations: bool = False,
    ) -> None:
        self._keeps_evaluations = keeps_evaluations
        self.known = KnownScores()
        self._keys = ScoresKeys(dataset, split, images)
        self._evaluator = SplitEvaluator(dataset, split, executor)
        self._keys_of_variants: dict[Variant, str] = {}
        self._evaluations: dict[Variant, Evaluation] = {}

    def score(self, found: Found) -> tuple[str, Scores]:
        """The entries ``scores_key`` and ``scores`` of a record."""
        key, _ = self._key_and_evaluation(found)
        return key, self.known.scores[key]

    def _key_and_evaluation(self, found: Found) -> tuple[str, Evaluation | None]:
        """The key of scores, which are now known; and the evaluation, None if they were known before."""
        key = self._keys.of_objects(found)
        if key in self.known.scores:
            return key, None
        scored = self._evaluator.score(found)
        self.known.scores[key] = scored.scores
        return key, scored.evaluation

    def scores(self, variant: Variant, results: Results) -> tuple[str, Scores]:
        """The entries ``scores_key`` and ``scores`` of the records of a variant."""
        if variant not in self._keys_of_variants:
            key, evaluation = self._key_and_evaluation(_objects(results[variant]))
            self._keys_of_variants[variant] = key
            if evaluation is not None and self._keeps_evaluations:
                self._evaluations[variant] = evaluation
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
            self._evaluations[variant] = self._evaluator.evaluate(_objects(results[variant]))
        return self._evaluations[variant]


def _objects(results: Sequence[ImageResult]) -> Found:
    return {result.image: result.instances for result in results}
