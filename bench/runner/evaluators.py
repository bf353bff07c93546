"""The two evaluators: that of Cityscapes ("official"), and our own ("in_memory").

``Dataset.evaluator`` names the evaluator of a data set.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from bench.datasets import Dataset
from bench.datasets.annotations_on_demand import AnnotationsOnDemand
from bench.evaluation import in_memory, official
from bench.evaluation.average_precision import SizeRange
from bench.types import Instance

Scorer = Callable[[Mapping[str, Sequence[Instance]]], dict[str, Any]]
"""A function from the instances of each image, by the image's name, to the scores of a record."""


def evaluator_version(dataset: Dataset) -> str:
    """Name and version of the evaluator that scores this data set."""
    return official.evaluator_version() if dataset.evaluator == "official" else in_memory.VERSION


def make_scorer(dataset: Dataset, split: str) -> Scorer:
    """A function that scores instances on a split of a data set with the data set's evaluator.

    The scores by size of object are always those of our own evaluator, as Cityscapes' has none.
    """
    scorers = {"official": _official_scorer, "in_memory": _in_memory_scorer}
    return scorers[dataset.evaluator](dataset, split)


def _official_scorer(dataset: Dataset, split: str) -> Scorer:
    def score(found: Mapping[str, Sequence[Instance]]) -> dict[str, Any]:
        truth = {name: dataset.truth_path(split, name) for name in found}
        try:
            scores = official.evaluate(found, truth).to_dict()
        except official.EvaluationError:
            for name in found:
                dataset.annotation(
                    split, name
                )  # this error names a wrong file, which the evaluator does not
            raise
        return {**scores, "by_size": _evaluate_in_memory(dataset, split, found).ap_by_size()}

    return score


def _evaluate_in_memory(
    dataset: Dataset, split: str, found: Mapping[str, Sequence[Instance]]
) -> in_memory.Evaluation:
    truth = AnnotationsOnDemand(dataset, split, found)
    size_range = SizeRange(dataset.least_object_pixels)
    return in_memory.evaluate(found, truth, dataset.class_names, size_range)


def _in_memory_scorer(dataset: Dataset, split: str) -> Scorer:
    """Like ``make_scorer``. The scores are AP, and TP / (TP + FP + FN) at each IoU threshold."""

    def score(found: Mapping[str, Sequence[Instance]]) -> dict[str, Any]:
        evaluation = _evaluate_in_memory(dataset, split, found)
        per_image, pooled = evaluation.object_jaccard()
        return {
            **evaluation.ap_scores().to_dict(),
            "object_accuracy": per_image.tolist(),
            "object_accuracy_pooled": pooled.tolist(),
            "by_size": evaluation.ap_by_size(),
        }

    return score
