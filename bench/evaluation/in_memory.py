"""Evaluates predictions in memory, for any list of classes, and keeps the matches of each image.

The AP matrix is that of Cityscapes' official evaluator, to the bit. Published numbers come from the
official evaluator nevertheless.
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


@dataclass(frozen=True)
class Evaluation:
    """The matches of every image, by name, and what follows from them.

    size_range: which objects count, by default Cityscapes' of at least 100 pixels.
    """

    class_names: tuple[str, ...]
    matches: dict[str, Matches]
    size_range: SizeRange = CITYSCAPES_SIZES

    def ap_matrix(self, names: Sequence[str] | None = None) -> Float64Array:
        """(C, 10) float64: AP by class and IoU threshold, nan for a class without objects.

        names: the images to take, some perhaps more than once; None takes each once.
        """
        chosen = self.matches.values() if names is None else [self.matches[name] for name in names]
        return ap_matrix(list(chosen), len(self.class_names), size_range=self.size_range)

    def ap_scores(self) -> ApScores:
        """AP and AP50, over all classes and for each class."""
        return _ap_scores(self.ap_matrix(), self.class_names, len(self.matches))

    def ap_scores_by_size(self) -> dict[str, ApScores]:
        """AP and AP50 of small, medium and large objects, each size scored separately (``SIZE_RANGES``)."""
        images = list(self.matches.values())
        return {
            size: _ap_scores(
                ap_matrix(images, len(self.class_names), size_range=size_range),
                self.class_names,
                len(images),
            )
            for size, size_range in SIZE_RANGES.items()
        }

    def object_jaccard(self) -> tuple[Float64Array, Float64Array]:
        """The index TP / (TP + FP + FN) at each of ``IOU_THRESHOLDS``.

        Two arrays: the mean over images of each image's index, and the index of the counts summed over
        all images.
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
    """Match the predictions of each image with its annotation; both need the same names.

    Raises ValueError for names that differ and for a malformed prediction, naming image and index.
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


def _ap_scores(precisions: Float64Array, class_names: Sequence[str], num_images: int) -> ApScores:
    """Classes with nan are left out of the means, as by the official evaluator."""
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
