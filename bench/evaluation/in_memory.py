"""Evaluates predictions in memory, for any list of classes, and keeps the matches of each image.

The AP matrix has the same bits as that of Cityscapes' official evaluator. Results on Cityscapes and on the
generated scenes nevertheless come from the official evaluator.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from bench.evaluation.ap_scores import ApScores
from bench.evaluation.average_precision import (
    CITYSCAPES_SIZES,
    IOU_THRESHOLDS,
    SIZE_RANGES,
    SizeRange,
    ap_matrix,
)
from bench.evaluation.matching import Matches, match_predictions
from bench.evaluation.object_jaccard import object_jaccard
from bench.types import Annotation, Instance
from merge_impls.arrays import Float64Array

VERSION = "in memory 1"
"""The name and version of this evaluator in records."""


@dataclass(frozen=True)
class Evaluation:
    """The predictions of a method, matched with the annotation; computes scores from these matches.

    matches: the matches of each image, by its name.
    size_range: which objects count, by default those with at least 100 pixels, as in Cityscapes.
    """

    class_names: tuple[str, ...]
    matches: dict[str, Matches]
    size_range: SizeRange = CITYSCAPES_SIZES

    def ap_matrix(self, names: Sequence[str] | None = None) -> Float64Array:
        """(C, 10) float64: AP of each class at each of ``IOU_THRESHOLDS``; nan for a class without objects.

        names: the images to score, which may be repeated; None: all images.
        """
        chosen = self.matches.values() if names is None else [self.matches[name] for name in names]
        return ap_matrix(list(chosen), len(self.class_names), size_range=self.size_range)

    def ap_scores(self) -> ApScores:
        """AP and AP50 of all classes together, and of each class."""
        return _scores_from_ap_matrix(self.ap_matrix(), self.class_names, len(self.matches))

    def ap_scores_by_size(self) -> dict[str, ApScores]:
        """AP and AP50 of small, medium and large objects, by the names in ``SIZE_RANGES``."""
        images = list(self.matches.values())
        return {
            size: _scores_from_ap_matrix(
                ap_matrix(images, len(self.class_names), size_range=size_range),
                self.class_names,
                len(images),
            )
            for size, size_range in SIZE_RANGES.items()
        }

    def ap_by_size(self) -> dict[str, list[float | None]]:
        """[AP, AP50] of each range of sizes, by its name, in JSON values: None without objects."""
        scores = {name: each.to_dict() for name, each in self.ap_scores_by_size().items()}
        return {name: [each["ap"], each["ap50"]] for name, each in scores.items()}

    def object_jaccard(self) -> tuple[Float64Array, Float64Array]:
        """The Jaccard index TP / (TP + FP + FN) at each of ``IOU_THRESHOLDS``, two arrays (10,) float64.

        The first array is the mean of the indices of the images. The second is the index of TP, FP and FN
        summed over all images.
        """
        return object_jaccard(
            list(self.matches.values()), len(self.class_names), IOU_THRESHOLDS, self.size_range
        )


def evaluate(
    predictions: Mapping[str, Sequence[Instance]],
    annotations: Mapping[str, Annotation],
    class_names: Sequence[str],
    size_range: SizeRange = CITYSCAPES_SIZES,
) -> Evaluation:
    """Match the predictions of each image with its annotation.

    predictions, annotations: by the name of the image, with the same names.
    Raises ValueError if the names differ, and for a malformed prediction; the message has image and index.
    """
    for name in sorted(annotations.keys() ^ predictions.keys()):
        lacking = "predictions" if name in annotations else "annotation"
        raise ValueError(
            f"image {name!r} has no {lacking}; predictions and annotations need the same image names"
        )
    matches = {}
    for name, annotation in annotations.items():
        try:
            matches[name] = match_predictions(predictions[name], annotation, class_names)
        except ValueError as error:
            raise ValueError(f"image {name!r}, {error}") from None
    return Evaluation(tuple(class_names), matches, size_range)


def _scores_from_ap_matrix(
    precisions: Float64Array, class_names: Sequence[str], num_images: int
) -> ApScores:
    """``ApScores`` from an AP matrix (C, 10). As in the official evaluator, the means skip nan."""
    present = ~np.isnan(precisions[:, 0])
    known = precisions[present]
    return ApScores(
        ap=float(known.mean()) if len(known) else float("nan"),
        ap50=float(known[:, 0].mean()) if len(known) else float("nan"),
        per_class={
            name: (float(row.mean()), float(row[0]))
            for name, row in zip(class_names, precisions, strict=True)
        },
        num_images=num_images,
        evaluator=VERSION,
    )
