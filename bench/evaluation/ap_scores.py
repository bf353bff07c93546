"""The average precision of a set of predictions, as records hold it."""

import math
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class ApScores:
    """Average precision as Cityscapes defines it.

    ap, ap50: mean over the classes, at the IoU thresholds .50, .55 .. .95 and at .50 alone; in [0, 1].
    per_class: class name -> (ap, ap50), nan for a class without ground truth; the means skip those.
    num_images: number of images evaluated.
    evaluator: name and version of the program that computed the scores.
    """

    ap: float
    ap50: float
    per_class: dict[str, tuple[float, float]]
    num_images: int
    evaluator: str

    def to_dict(self) -> dict[str, Any]:
        """The scores as plain JSON values; nan becomes null, which strict JSON can hold."""
        return {
            "ap": _to_json(self.ap),
            "ap50": _to_json(self.ap50),
            "per_class": {
                name: [_to_json(ap), _to_json(ap50)] for name, (ap, ap50) in self.per_class.items()
            },
            "num_images": self.num_images,
            "evaluator": self.evaluator,
        }

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> "ApScores":
        """The inverse of :meth:`to_dict`."""
        return cls(
            ap=_from_json(values["ap"]),
            ap50=_from_json(values["ap50"]),
            per_class={
                name: (_from_json(ap), _from_json(ap50))
                for name, (ap, ap50) in values["per_class"].items()
            },
            num_images=values["num_images"],
            evaluator=values["evaluator"],
        )


def _to_json(value: float) -> float | None:
    return None if math.isnan(value) else float(value)


def _from_json(value: float | None) -> float:
    return math.nan if value is None else float(value)
