"""One configuration of the whole pipeline: which of the paper's strategies are on, and how.

``for_model`` fills in the values that are left to the model; call it before the configuration is used.
``for_dataset`` sets the numbers that depend on the size of a data set's images.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from difflib import get_close_matches
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

from merge_impls.argument_checks import LINKAGES

if TYPE_CHECKING:
    from bench.datasets.dataset import Preset
    from models.model_config import ModelConfig

CHOICES = {
    "linkage": LINKAGES,
    "par": ("off", "classes", "super-classes"),
    "scr": ("off", "between", "within"),
    "score": ("confidence", "affinity"),
    "labels": ("one", "several"),
}

STRATEGY_OF_DATASET_NUMBER = {"block": "roi", "extension": "roi", "roi_height": "rr"}
"""The numbers that a data set decides, each with the strategy that uses it."""

CONFUSED_CLASSES = ("motorcycle", "bicycle")
"""The two classes that semantic class refinement joins (section 5.3)."""

CONFUSED_DISTANCE = 64
"""The distance of semantic class refinement, in pixels of the prediction (section 5.3)."""


class ConfigError(ValueError):
    """An unknown entry, an impossible value, or one that does not fit the model, in one line."""


@dataclass(frozen=True)
class PipelineConfig:
    """The paper's strategies: off unless turned on.

    The names are the keys of ``strategy`` and ``set`` in a study's TOML, and of records.

    roi: regions of interest. Each connected part of the foreground gets a graph of its own (section 4.1); it
        is found in square blocks of ``block`` pixels, and its box is extended by ``extension`` pixels. Off:
        the image is one region.
    mask: leave pixels that are background by argmax out of the graph (section 4.1). It is on, as in the
        paper's baseline (section 5.3).
    par: pixel affinity refinement by the classes (section 4.2, equations 5 and 6 with ``alpha``): "off", by
        "classes", or by "super-classes", where pairs of pixels in two of them get 0.
    rr: resizing ROIs. Boxes lower than ``roi_height`` (None: that of the crops that the networks were trained
        on) are enlarged to it, by a factor of at most ``most_enlarged`` (section 4.3). Off: to the model's
        ``enlarge_to``.
    flm: forcing local merge. Blocks of so many pixels a side are merged first (section 4.4); 1 is off.
    scp: semantic class partition. Each super-class has regions of its own (section 4.5); needs ``roi``.
    scr: semantic class refinement (section 5.3). Raise the affinities at distance 64 "between" the two
        confused classes, motorcycle and bicycle, or also "within" each of them; or "off".
    shf, ihf: average the semantic and the affinity network over the picture and its mirror image (5.3).
    semantic_stride, affinity_stride: output strides at inference (5.3); None: the model's own.
    linkage: "average" pools all pixel edges, as the authors' program does; "weighted" is Algorithm 1;
        "single" and "complete" take the largest and the smallest affinity.
    stages: the distances of each stage (section 3.4); None: the model's.
    thresholds: r_w of each stage; None: the model's for this linkage.
    min_pixels: r_c, objects have more pixels of the picture; None: the model's for this linkage.
    score: of an object: the merge's "confidence", or the mean unrefined "affinity" of the pixel pairs inside.
    labels: "one" class for each object, the one with most votes; or "several", all classes with at least a
        fifth of those votes, the score times the share of the vote (in the authors' program, not the paper).
    """

    roi: bool = False
    block: int = 32
    extension: int = 16
    mask: bool = True
    par: str = "off"
    alpha: float = 5.0
    rr: bool = False
    roi_height: int | None = None
    most_enlarged: float = 4.0
    flm: int = 1
    scp: bool = False
    scr: str = "off"
    shf: bool = False
    ihf: bool = False
    semantic_stride: int | None = None
    affinity_stride: int | None = None
    linkage: str = "average"
    stages: tuple[tuple[int, ...], ...] | None = None
    thresholds: tuple[float, ...] | None = None
    min_pixels: int | None = None
    score: str = "confidence"
    labels: str = "one"
    model: "ModelConfig | None" = field(default=None, compare=False, repr=False)

    def __post_init__(self) -> None:
        for name, choices in CHOICES.items():
            if getattr(self, name) not in choices:
                raise ConfigError(
                    f"strategy: {name} is {getattr(self, name)!r}, it must be one of {', '.join(choices)}"
                )
        for name, least in (("block", 1), ("extension", 0), ("flm", 1), ("most_enlarged", 1)):
            if getattr(self, name) < least:
                raise ConfigError(
                    f"strategy: {name} is {getattr(self, name)}, it must be at least {least}"
                )
        if self.scp and not self.roi:
            raise ConfigError("strategy: scp finds regions of super-classes, so it needs roi")
        if self.stages and self.thresholds and len(self.stages) != len(self.thresholds):
            raise ConfigError(
                f"strategy: {len(self.stages)} stages, but {len(self.thresholds)} thresholds"
            )

    def replace(self, **changes: Any) -> Self:
        """The same configuration with other values; lists become tuples.

        Raises ``ConfigError`` for an unknown name, with the closest known one, and for what does not fit.
        """
        known = list(self.entries())
        for name in changes:
            if name not in known:
                close = get_close_matches(name, known, 1, 0)
                raise ConfigError(
                    f"strategy: there is no {name!r}; the closest is {close[0]!r}, all are {', '.join(known)}"
                )
        changed = replace(self, **{name: lists_to_tuples(value) for name, value in changes.items()})
        return changed if self.model is None else changed.for_model(self.model)

    def entries(self) -> dict[str, Any]:
        """All values by name, without the model."""
        names = [entry.name for entry in fields(self) if entry.name != "model"]
        return {name: getattr(self, name) for name in names}

    def differences(self, other: "PipelineConfig") -> dict[str, Any]:
        """The values that differ from those of ``other``, by name, without numbers of strategies that are
        off."""
        theirs: Mapping[str, Any] = other.entries()
        different = {name: value for name, value in self.entries().items() if value != theirs[name]}
        unused = [
            name
            for name, strategy in STRATEGY_OF_DATASET_NUMBER.items()
            if not getattr(self, strategy)
        ]
        return {name: value for name, value in different.items() if name not in unused}

    def for_dataset(self, preset: "Preset") -> Self:
        """The same configuration with the numbers of a data set."""
        return self.replace(**asdict(preset))

    def for_model(self, model: "ModelConfig") -> Self:
        """The same configuration, bound to a model, so that the properties below can be read.

        Raises ValueError, one line, if the two do not fit.
        """
        filled = replace(self, model=model)
        filled._check_stages()
        _ = filled.strides, filled.confused_pair, filled.min_object_pixels  # they may not fit
        return filled

    def _check_stages(self) -> None:
        stages, thresholds = self.stage_distances, self.stage_thresholds
        if len(thresholds) != len(stages):
            raise ConfigError(
                f"strategy: {len(stages)} stages, but {len(thresholds)} thresholds; give `thresholds`"
            )
        unknown = sorted(self._stage_of_distance.keys() - set(self._model.distances))
        if unknown:
            raise ConfigError(
                f"strategy: the model has no distance {unknown[0]}, only {sorted(self._model.distances)}"
            )

    @property
    def _model(self) -> "ModelConfig":
        if self.model is None:
            raise ConfigError("strategy: the model is not known yet; call for_model")
        return self.model

    @property
    def stage_distances(self) -> tuple[tuple[int, ...], ...]:
        """The distances of each stage, D_s, D_m and D_l of section 3.4."""
        return self.stages or self._model.stages

    @property
    def stage_thresholds(self) -> tuple[float, ...]:
        """r_w of each stage (section 3.4)."""
        return self.thresholds or self._model.merge_config(self.linkage).thresholds

    @property
    def min_object_pixels(self) -> int:
        """r_c (section 3.4): objects have more pixels."""
        if self.min_pixels is not None:
            return self.min_pixels
        return self._model.merge_config(self.linkage).min_object_pixels

    @property
    def strides(self) -> tuple[int, int]:
        """The output strides of the semantic and of the affinity network."""
        semantic, affinity = self._model.semantic, self._model.affinity
        if self.semantic_stride is not None:
            semantic = semantic.at_stride(self.semantic_stride)
        if self.affinity_stride is not None:
            affinity = affinity.at_stride(self.affinity_stride)
        return semantic.output_stride, affinity.output_stride

    @property
    def enlarged_region_height(self) -> int:
        """The height in pixels to which lower regions are enlarged (section 4.3); 0: none is enlarged."""
        least = self._model.enlarge_to
        return max(self.roi_height or self._model.crop, least) if self.rr else least

    @property
    def enlarged_image_height(self) -> int:
        """The height in pixels to which a lower image is enlarged before its regions are searched for."""
        return self._model.enlarge_to if self.roi else self.enlarged_region_height

    @cached_property
    def map_offsets(self) -> list[tuple[int, int]]:
        """The offset of each undirected affinity map that the networks predict (section 3.3)."""
        from merge_impls.canonical_affinities import (
            canonical_offsets,  # the help of commands loads no numpy
        )

        offsets = canonical_offsets(self._model.channel_offsets).tolist()
        return [(down, right) for down, right in offsets]

    @cached_property
    def channels(self) -> list[int]:
        """The affinity maps that the graph has edges of: those at the distances of the stages."""
        stages = self._stage_of_distance
        return [channel for channel, of in enumerate(self.map_offsets) if _distance(of) in stages]

    @cached_property
    def offsets(self) -> list[tuple[int, int]]:
        """The offset of each of ``channels``."""
        return [self.map_offsets[channel] for channel in self.channels]

    @cached_property
    def stage_numbers(self) -> list[int]:
        """The stage of each of ``channels``."""
        return [self._stage_of_distance[_distance(offset)] for offset in self.offsets]

    @cached_property
    def super_class_channels(self) -> list[list[int]]:
        """The channels of each super-class in the semantic map."""
        return [[self._class_channels[name] for name in of] for of in self._model.super_classes]

    @cached_property
    def confused_pair(self) -> tuple[int, int] | None:
        """The channels of the two classes that ``scr`` joins; None: it is off."""
        if self.scr == "off":
            return None
        known = self._class_channels
        if (
            not known.keys() >= set(CONFUSED_CLASSES)
            or CONFUSED_DISTANCE not in self._stage_of_distance
        ):
            raise ConfigError(
                f"strategy: scr needs classes {' and '.join(CONFUSED_CLASSES)} and distance "
                f"{CONFUSED_DISTANCE}, which the model or its stages lack; set scr to 'off'"
            )
        first, second = (known[name] for name in CONFUSED_CLASSES)
        return first, second

    @cached_property
    def _stage_of_distance(self) -> dict[int, int]:
        stages = enumerate(self.stage_distances)
        return {distance: number for number, stage in stages for distance in stage}

    @cached_property
    def _class_channels(self) -> dict[str, int]:
        return {name: 1 + index for index, name in enumerate(self._model.classes)}


def _distance(offset: tuple[int, int]) -> int:
    return max(map(abs, offset))


def lists_to_tuples(value: Any) -> Any:
    """Lists, also within lists, as tuples."""
    return tuple(map(lists_to_tuples, value)) if isinstance(value, list | tuple) else value


BARE = PipelineConfig()
"""The paper's baseline (section 5.3): the background is left out, which hardly changes AP; the image is one
region, and affinities are merged as they are."""

PLAIN = BARE.replace(par="super-classes")
"""``BARE`` with affinities refined by super-classes. Records name only what differs from this."""

PAPER = PLAIN.replace(roi=True, rr=True, flm=2, scp=True, scr="between", shf=True, ihf=True)
"""All strategies as in the paper, with its numbers."""
