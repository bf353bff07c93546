"""The configuration of all that is done around the merge: which of the paper's strategies are on, and how."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from difflib import get_close_matches
from typing import Any, Self

from merge_impls.argument_checks import LINKAGES

CHOICES = {
    "linkage": LINKAGES,
    "par": ("off", "classes", "super-classes"),
    "scr": ("off", "between", "within"),
    "score": ("confidence", "affinity"),
    "labels": ("one", "several"),
}


def tuples(value: Any) -> Any:
    """Lists, also within lists, as tuples."""
    return tuple(map(tuples, value)) if isinstance(value, list | tuple) else value


class StrategyError(ValueError):
    """An unknown strategy or an impossible one, in one line."""


@dataclass(frozen=True)
class Strategy:
    """The paper's strategies. By default all are on, with the paper's numbers.

    The names are the keys of ``strategy`` and ``set`` in a study's TOML, and of records.

    roi: regions of interest. Each connected part of the foreground gets a graph of its own (section 4.1); it
        is found in square blocks of ``block`` pixels, and its box is extended by ``extension`` pixels. Off:
        the image is one region.
    mask: leave pixels that are background by argmax out of the graph (section 4.1).
    par: pixel affinity refinement by the classes (section 4.2, equations 5 and 6 with ``alpha``): "off", by
        "classes", or by "super-classes", where pairs of pixels in two of them get 0.
    rr: resizing ROIs. Boxes lower than the crops that the networks were trained on are enlarged to their
        height, by a factor of at most ``most_enlarged`` (section 4.3). Off: to the model's ``enlarge_to``.
    flm: forcing local merge. Blocks of so many pixels a side are merged first (section 4.4); 1 is off.
    scp: semantic class partition. Each super-class has regions of its own (section 4.5); needs ``roi``.
    scr: semantic class refinement (section 5.3). Raise the affinities at distance 64 "between" the two
        confused classes, motorcycle and bicycle, or also "within" each of them; or "off".
    shf, ihf: average the semantic and the affinity network over the picture and its mirror image (5.3).
    semantic_stride, affinity_stride: output strides at inference; None: the model's own.
    linkage: "average" pools all pixel edges, as the authors' program does; "weighted" is Algorithm 1.
    stages: the distances of each stage (section 3.4); None: the model's.
    thresholds: r_w of each stage; None: the model's for this linkage.
    min_pixels: r_c, objects have more pixels of the picture; None: the model's for this linkage.
    score: of an object: the merge's "confidence", or the mean unrefined "affinity" of the pixel pairs inside.
    labels: "one" class for each object, the one with most votes; or "several", all classes with at least a
        fifth of those votes, the score times the share of the vote (in the authors' program, not the paper).
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
            raise StrategyError("strategy: scp finds regions of super-classes, so it needs roi")
        if self.stages and self.thresholds and len(self.stages) != len(self.thresholds):
            raise StrategyError(
                f"strategy: {len(self.stages)} stages, but {len(self.thresholds)} thresholds"
            )

    def replace(self, **changes: Any) -> Self:
        """The same strategy with other values; lists become tuples.

        Raises ``StrategyError`` for an unknown name, with the closest known one.
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
        """The values that differ from those of ``other``, by name."""
        theirs: Mapping[str, Any] = asdict(other)
        return {name: value for name, value in asdict(self).items() if value != theirs[name]}


PLAIN = Strategy(roi=False, rr=False, flm=1, scp=False, scr="off", shf=False, ihf=False)
"""Only the background is left out and affinities are refined by super-classes; the image is one region."""

BARE = PLAIN.replace(par="off")
"""The paper's baseline (section 5.3), except that the background is left out, which hardly changes AP."""
