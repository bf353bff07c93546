"""The average precision (AP) of a method on a data set, in the form that records store."""

import math
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class ApScores:
    """Average precision as Cityscapes defines it, in [0, 1].

    ap: the mean over the classes and over the IoU thresholds .50, .55, ..., .95.
    ap50: the mean over the classes, at the IoU threshold .50.
    per_class: (ap, ap50) by class name. Both are nan for a class without objects; the means skip this class.
    num_images: the number of evaluated images.
    evaluator: the name and version of the program that computed the scores.
    """

    ap: float
    ap50: float
    per_class: dict[str, tuple[float, float]]
    num_images: int
    evaluator: str

    def to_dict(self) -> dict[str, Any]:
        """The scores as JSON values. nan becomes null, because strict JSON has no nan."""
        return {
            "ap": _nan_to_none(self.ap),
            "ap50": _nan_to_none(self.ap50),
            "per_class": {
                name: [_nan_to_none(ap), _nan_to_none(ap50)]
                for name, (ap, ap50) in self.per_class.items()
            },
            "num_images": self.num_images,
            "evaluator": self.evaluator,
        }

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> "ApScores":
        """The inverse of :meth:`to_dict`."""
        return cls(
            ap=_none_to_nan(values["ap"]),
            ap50=_none_to_nan(values["ap50"]),
            per_class={
                name: (_none_to_nan(ap), _none_to_nan(ap50))
                for name, (ap, ap50) in values["per_class"].items()
            },
            num_images=values["num_images"],
            evaluator=values["evaluator"],
        )


def _nan_to_none(value: float) -> float | None:
    return None if math.isnan(value) else float(value)


def _none_to_nan(value: float | None) -> float:
    return math.nan if value is None else float(value)
