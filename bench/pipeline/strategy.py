"""One configuration for everything around the merge: which of the paper's strategies are on, and how."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from difflib import get_close_matches
from typing import Any, Self

CHOICES = {
    "linkage": ("average", "weighted"),
    "par": ("off", "classes", "super-classes"),
    "scr": ("off", "between", "within"),
    "score": ("confidence", "affinity"),
    "labels": ("one", "several"),
}


def tuples(value: Any) -> Any:
    """Lists, also within lists, as tuples."""
    return tuple(map(tuples, value)) if isinstance(value, list | tuple) else value


class StrategyError(ValueError):
    """A strategy that there is not, in one line."""


@dataclass(frozen=True)
class Strategy:
    """The paper's strategies; as it is made without arguments, all are on, with the paper's numbers.

    roi: each connected area of foreground is a graph of its own (section 4.1), found in square blocks of
        ``block`` pixels and extended by ``extension``; off: one region, the image.
    mask: pixels that are background by argmax are left out of the graph (section 4.1).
    par: affinities are refined by the classes (section 4.2, equations 5 and 6 with ``alpha``): "off", by the
        "classes", or by the "super-classes", pairs of pixels in two of which get 0.
    rr: what is lower than the crops that the networks were trained on is enlarged to their height, by at
        most ``most_enlarged`` (section 4.3); off: only as far as the model itself wants it (its enlarge_to).
    flm: so many pixels square are merged before the merge (section 4.4); 1 is off.
    scp: the areas of each super-class are found apart (section 4.5); needs ``roi``.
    scr: at distance 64 affinities "between" the two classes of two wheels, or "within" that pair, count
        for more (section 5.3); "off".
    shf, ihf: the semantic and the affinity network are asked about the mirrored picture, too (section 5.3).
    semantic_stride, affinity_stride: output strides at inference; None: the model's own.
    linkage: "average" pools all pixel edges, as the authors' program does, "weighted" is Algorithm 1.
    stages: the distances of each stage (section 3.4); None: all that the model knows, in its stages.
    thresholds: r_w of each stage; None: the model's for this linkage.
    min_pixels: r_c, objects have more pixels of the picture; None: the model's for this linkage.
    score: of an object: the merge's "confidence", or the mean raw "affinity" of the pixel pairs inside.
    labels: "one" class for each object, that with most votes, or "several": all with at least a fifth of
        those votes, the score times the share of the vote (not in the paper, but in the authors' program).
    """

    roi: bool = True
    block: int = 32
    extension: int = 16
    mask: bool = True
    par: str = "super-classes"
    alpha: float = 5.0
    rr: bool = True
    most_enlarged: float = 4.0
    flm: int = 2
    scp: bool = True
    scr: str = "between"
    shf: bool = True
    ihf: bool = True
    semantic_stride: int | None = None
    affinity_stride: int | None = None
    linkage: str = "average"
    stages: tuple[tuple[int, ...], ...] | None = None
    thresholds: tuple[float, ...] | None = None
    min_pixels: int | None = None
    score: str = "confidence"
    labels: str = "one"

    def __post_init__(self) -> None:
        for name, choices in CHOICES.items():
            if getattr(self, name) not in choices:
                raise StrategyError(
                    f"strategy: {name} is {getattr(self, name)!r}, it must be one of {', '.join(choices)}"
                )
        for name, least in (("block", 1), ("extension", 0), ("flm", 1), ("most_enlarged", 1)):
            if getattr(self, name) < least:
                raise StrategyError(
                    f"strategy: {name} is {getattr(self, name)}, it must be at least {least}"
                )
        if self.scp and not self.roi:
            raise StrategyError("strategy: scp finds areas of super-classes, so it needs roi")
        if self.stages and self.thresholds and len(self.stages) != len(self.thresholds):
            raise StrategyError(
                f"strategy: {len(self.stages)} stages, but {len(self.thresholds)} thresholds"
            )

    def replace(self, **changes: Any) -> Self:
        """The same with other values; lists become tuples.

        Raises ``StrategyError`` for what there is not, naming the closest that there is.
        """
        known = [entry.name for entry in fields(self)]
        for name in changes:
            if name not in known:
                close = get_close_matches(name, known, 1, 0)
                raise StrategyError(
                    f"strategy: there is no {name!r}; the closest is {close[0]!r}, all are {', '.join(known)}"
                )
        return replace(self, **{name: tuples(value) for name, value in changes.items()})

    def differences(self, other: "Strategy") -> dict[str, Any]:
        """What is not as in ``other``: {name: own value}."""
        theirs: Mapping[str, Any] = asdict(other)
        return {name: value for name, value in asdict(self).items() if value != theirs[name]}


PLAIN = Strategy(roi=False, rr=False, flm=1, scp=False, scr="off", shf=False, ihf=False)
"""The image as one region, its background left out, affinities refined by super-classes; nothing else."""

BARE = PLAIN.replace(par="off")
"""The paper's baseline (section 5.3): nothing but the background left out, which hardly changes AP."""
