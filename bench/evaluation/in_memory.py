"""Evaluation without files and processes: any class list, matches kept for each image.

The AP matrix is that of Cityscapes' official evaluator, to the bit; the official one stays the one whose
numbers are published.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from bench.evaluation.average_precision import (
    BY_SIZE,
    CITYSCAPES,
    IOU_THRESHOLDS,
    SizeRange,
    ap_matrix,
)
from bench.evaluation.matching import Matches, match
from bench.evaluation.object_accuracy import object_accuracy
from bench.evaluation.scores import Scores
from bench.types import Annotation, Instance

VERSION = "in memory 1"


@dataclass(frozen=True)
class Evaluation:
    """The matches of every image, by name, and what follows from them.

    size_range: which objects count, Cityscapes' of at least 100 pixels unless told otherwise.
    """

    class_names: tuple[str, ...]
    matches: dict[str, Matches]
    size_range: SizeRange = CITYSCAPES

    def ap_matrix(self, names: Sequence[str] | None = None) -> np.ndarray:
        """(C, 10) float64: AP by class and overlap, nan for a class without objects.

        names: the images to take, in a bootstrap some more than once; None takes each once.
        """
        chosen = self.matches.values() if names is None else [self.matches[name] for name in names]
        return ap_matrix(list(chosen), len(self.class_names), size_range=self.size_range)

    def scores(self) -> Scores:
        """AP, AP50, per class."""
        return _scores(self.ap_matrix(), self.class_names, len(self.matches))

    def by_size(self) -> dict[str, Scores]:
        """The same of small, medium and large objects alone (``BY_SIZE``)."""
        images = list(self.matches.values())
        return {
            size: _scores(
                ap_matrix(images, len(self.class_names), size_range=size_range),
                self.class_names,
                len(images),
            )
            for size, size_range in BY_SIZE.items()
        }

    def object_accuracy(self) -> tuple[np.ndarray, np.ndarray]:
        """TP / (TP + FP + FN) at each of ``IOU_THRESHOLDS``: averaged over images, and pooled."""
        return object_accuracy(
            list(self.matches.values()), len(self.class_names), IOU_THRESHOLDS, self.size_range
        )


def evaluate(
    predictions: Mapping[str, Sequence[Instance]],
    annotations: Mapping[str, Annotation],
    class_names: Sequence[str],
    size_range: SizeRange = CITYSCAPES,
) -> Evaluation:
    """Match the predictions of each image with its annotation; both need the same names.

    Raises ValueError for names that differ and for a malformed prediction, naming image and index.
    """
    for name in sorted(annotations.keys() ^ predictions.keys()):
        lacking = "predictions" if name in annotations else "annotation"
        raise ValueError(f"image {name!r} has no {lacking}: both need the same image names")
    matches = {}
    for name, annotation in annotations.items():
        try:
            matches[name] = match(predictions[name], annotation, class_names)
        except ValueError as error:
            raise ValueError(f"image {name!r}, {error}") from None
    return Evaluation(tuple(class_names), matches, size_range)


def _scores(precisions: np.ndarray, class_names: Sequence[str], num_images: int) -> Scores:
    """nan classes are skipped in the means, as the official evaluator does."""
    present = ~np.isnan(precisions[:, 0])
    known = precisions[present]
    return Scores(
        ap=float(known.mean()) if len(known) else float("nan"),
        ap50=float(known[:, 0].mean()) if len(known) else float("nan"),
        per_class={
            name: (float(row.mean()), float(row[0]))
            for name, row in zip(class_names, precisions, strict=True)
        },
        num_images=num_images,
        evaluator=VERSION,
    )
