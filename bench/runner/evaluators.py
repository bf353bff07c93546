"""The two evaluators: that of Cityscapes ("official"), and our own ("in_memory").

``Dataset.evaluator`` names the evaluator of a data set.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.datasets import Dataset
from bench.evaluation import in_memory, official
from bench.evaluation.ap_scores import ApScores
from bench.evaluation.in_memory import Evaluation
from bench.evaluation.scratch_folder import scratch_folder
from bench.runner.executors import Executor
from bench.runner.matching_work import Found, MatchingWork


@dataclass(frozen=True)
class Scored:
    """The scores of a record, and the evaluation of our own evaluator."""

    scores: dict[str, Any]
    evaluation: Evaluation


class SplitEvaluator:
    """Scores the instances of images on a split of a data set, with the evaluator of the data set.

    The scores by size of object are always those of our own evaluator, as Cityscapes' has none.

    executor: the workers that compare instances with the annotation; None for this process.
    """

    def __init__(self, dataset: Dataset, split: str, executor: Executor | None = None) -> None:
        self._dataset, self._split, self._executor = dataset, split, executor
        self._is_official = dataset.evaluator == "official"

    def score(self, found: Found) -> Scored:
        """The scores of the instances of each image, by the name of the image.

        Raises ``EvaluationError``, and ``FailedTwiceError`` if two tries failed in workers.
        """
        if self._is_official:
            return self._score_officially(found)
        evaluation = self.evaluate(found)
        per_image, pooled = evaluation.object_jaccard()
        scores = {
            **evaluation.ap_scores().to_dict(),
            "object_accuracy": per_image.tolist(),
            "object_accuracy_pooled": pooled.tolist(),
            "by_size": evaluation.ap_by_size(),
        }
        return Scored(scores, evaluation)

    def evaluate(self, found: Found) -> Evaluation:
        """The evaluation of our own evaluator."""
        work = self._matching_work(with_official=False)
        if self._executor is None:
            return work.evaluate(found)
        return work.evaluate_in_workers(found, self._executor)

    def _score_officially(self, found: Found) -> Scored:
        truth = {name: self._dataset.truth_path(self._split, name) for name in found}
        if self._executor is None:
            scores, evaluation = self._official_scores_here(found, truth), self.evaluate(found)
        else:
            work = self._matching_work(with_official=True)
            with scratch_folder("matches") as scratch:
                evaluation = work.evaluate_in_workers(found, self._executor, scratch)
                scores = official.evaluate_matches(sorted(scratch.glob("*.pickle")), truth)
        return Scored({**scores.to_dict(), "by_size": evaluation.ap_by_size()}, evaluation)

    def _official_scores_here(self, found: Found, truth: Mapping[str, Path]) -> ApScores:
        try:
            return official.evaluate(found, truth)
        except official.EvaluationError:
            for name in found:  # this error names a wrong file, which the evaluator does not
                self._dataset.annotation(self._split, name)
            raise

    def _matching_work(self, with_official: bool) -> MatchingWork:
        return MatchingWork(self._dataset, self._split, with_official)


def evaluator_version(dataset: Dataset) -> str:
    """Name and version of the evaluator that scores this data set."""
    return official.evaluator_version() if dataset.evaluator == "official" else in_memory.VERSION
