"""The configuration of the pipeline: which of the paper's strategies are on, and their numbers.

``for_dataset`` sets the numbers that depend on the size of a data set's images. ``for_model`` adds the model,
from which the properties take all values that are None.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from difflib import get_close_matches
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

from merge_impls.argument_checks import LINKAGES

if TYPE_CHECKING:
    from bench.datasets.dataset import PipelinePreset
    from bench.pipeline.own_strategy import StrategyFunction
    from models.model_config import ModelConfig

CHOICES = {
    "linkage": LINKAGES,
    "par": ("off", "classes", "super-classes"),
    "scr": ("off", "between", "within"),
    "score": ("confidence", "affinity"),
    "labels": ("one", "several"),
}
"""The possible values of the entries that are words."""

STRATEGY_OF_DATASET_NUMBER = {"block": "roi", "extension": "roi", "roi_height": "rr"}
"""The numbers that depend on the data set, and the strategy that uses each of them."""

CONFUSED_CLASSES = ("motorcycle", "bicycle")
"""The two classes that semantic class refinement treats as one (section 5.3)."""

CONFUSED_DISTANCE = 64
"""The distance at which semantic class refinement changes affinities, in pixels (section 5.3)."""


class ConfigError(ValueError):
    """A configuration has an unknown entry, an impossible value, or a value that does not fit the model."""


@dataclass(frozen=True)
class PipelineConfig:
    """The paper's strategies and their numbers. By default all strategies but ``mask`` are off.

    The names of the entries are the keys of ``strategy`` and ``set`` in the TOML of a study, and of records.

    roi: regions of interest (section 4.1). Each connected area of foreground has a separate graph. Areas are
        found in square blocks of ``block`` pixels, and their boxes are extended by ``extension`` pixels on
        each side. Off: the whole image is one region.
    mask: leave pixels whose most likely class is background out of the graph (section 4.1). On by default, as
        in the paper's baseline (section 5.3).
    par: pixel affinity refinement (section 4.2, equations 5 and 6 with ``alpha``): "off", by "classes", or by
        "super-classes". The latter also sets affinities between different super-classes to 0.
    rr: resizing ROIs (section 4.3). Regions lower than ``roi_height`` pixels are enlarged to this height, by
        a factor of at most ``most_enlarged``. None: the height of the crops that the networks were trained
        on. Off: regions are enlarged only to the model's ``enlarge_to``.
    flm: forcing local merge (section 4.4). Blocks of ``flm`` x ``flm`` pixels are merged first; 1: off.
    scp: semantic class partition (section 4.5). Each super-class has separate regions. Requires ``roi``.
    scr: semantic class refinement (section 5.3). Raise affinities at distance 64 "between" pixels of the two
        confused classes, motorcycle and bicycle; or also "within" each of the two; or "off".
    shf, ihf: average the predictions of the semantic and of the affinity network with those of the mirrored
        picture (section 5.3).
    semantic_stride, affinity_stride: the output strides of the networks (section 5.3); None: the model's.
    tile: the side in pixels of the tiles in which the networks run, to bound their memory; 0: no tiles. The
        answers differ a little at the borders of tiles, and with image pooling everywhere.
    linkage: the affinity of two segments. "average": the mean over all pixel edges between them, as in the
        authors' program. "weighted": Algorithm 1. "single", "complete": the largest, the smallest affinity.
    stages: the distances of each stage of the merge (section 3.4); None: the model's.
    thresholds: r_w of each stage; None: the model's for this linkage.
    min_pixels: r_c. Objects have more pixels in the picture than r_c. None: the model's for this linkage.
    score: the "confidence" of an object's merge, or the mean "affinity" of its pixel pairs before refinement.
    labels: "one" class for each object, the class with most votes; or "several": all classes that have at
        least a fifth of these votes, with the score times the class's share of all votes (not in the paper).
    own_strategy: "off", or "module:function", a function that changes each prediction before its graph is
        built (see ``bench.pipeline.own_strategy``). Python code may give the function (not in the paper).
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
    tile: int = 0
    linkage: str = "average"
    stages: tuple[tuple[int, ...], ...] | None = None
    thresholds: tuple[float, ...] | None = None
    min_pixels: int | None = None
    score: str = "confidence"
    labels: str = "one"
    own_strategy: "str | StrategyFunction" = "off"
    model: "ModelConfig | None" = field(default=None, compare=False, repr=False)

    def __post_init__(self) -> None:
        for name, choices in CHOICES.items():
            if getattr(self, name) not in choices:
                raise ConfigError(
                    f"strategy: {name} is {getattr(self, name)!r}, it must be one of {', '.join(choices)}"
                )
        least_of = {"block": 1, "extension": 0, "flm": 1, "most_enlarged": 1, "tile": 0}
        for name, least in least_of.items():
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
        """The same configuration with some other values. Lists become tuples.

        Raises ``ConfigError`` for an unknown name and for an impossible value.
        """
        known = list(self.entries())
        for name in changes:
            if name not in known:
                close = get_close_matches(name, known, 1, 0)
                raise ConfigError(
                    f"strategy: {name!r} is unknown; did you mean {close[0]!r}? All are {', '.join(known)}"
                )
        changed = replace(self, **{name: lists_to_tuples(value) for name, value in changes.items()})
        return changed if self.model is None else changed.for_model(self.model)

    def entries(self) -> dict[str, Any]:
        """All values by name, except the model."""
        names = (entry.name for entry in fields(self))
        return {name: getattr(self, name) for name in names if name != "model"}

    def differences_from(self, other: "PipelineConfig") -> dict[str, Any]:
        """The values of this configuration that differ from those of ``other``, by name.

        The numbers in ``STRATEGY_OF_DATASET_NUMBER`` are left out if the strategy that uses them is off.
        """
        theirs: Mapping[str, Any] = other.entries()
        different = {name: value for name, value in self.entries().items() if value != theirs[name]}
        numbers = STRATEGY_OF_DATASET_NUMBER.items()
        unused = [name for name, strategy in numbers if not getattr(self, strategy)]
        return {name: value for name, value in different.items() if name not in unused}

    def for_dataset(self, preset: "PipelinePreset") -> Self:
        """The same configuration with the numbers that a data set requires."""
        return self.replace(**asdict(preset))

    def for_model(self, model: "ModelConfig") -> Self:
        """The same configuration with a model, which the properties below need.

        Raises ValueError if the configuration does not fit the model.
        """
        filled = replace(self, model=model)
        filled._check_stages()
        # Each of these properties raises an error if it does not fit.
        _ = filled.output_strides, filled.confused_class_channels, filled.min_object_pixels
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
        """r_c (section 3.4): objects have more pixels than this."""
        if self.min_pixels is not None:
            return self.min_pixels
        return self._model.merge_config(self.linkage).min_object_pixels

    @property
    def output_strides(self) -> tuple[int, int]:
        """The output strides of the semantic and of the affinity network."""
        semantic, affinity = self._model.semantic, self._model.affinity
        if self.semantic_stride is not None:
            semantic = semantic.at_stride(self.semantic_stride)
        if self.affinity_stride is not None:
            affinity = affinity.at_stride(self.affinity_stride)
        return semantic.output_stride, affinity.output_stride

    @property
    def enlarged_region_height(self) -> int:
        """The height in pixels to which regions of smaller height are enlarged (4.3); 0: no region is."""
        least = self._model.enlarge_to
        return max(self.roi_height or self._model.crop, least) if self.rr else least

    @property
    def enlarged_image_height(self) -> int:
        """The height in pixels to which an image of smaller height is enlarged before regions are found."""
        return self._model.enlarge_to if self.roi else self.enlarged_region_height

    @cached_property
    def map_offsets(self) -> list[tuple[int, int]]:
        """The offset (down, right) of each undirected affinity map that networks predict (section 3.3)."""
        # Imported here, so that the help of commands loads no numpy.
        from merge_impls.canonical_affinities import canonical_offsets

        offsets = canonical_offsets(self._model.channel_offsets).tolist()
        return [(down, right) for down, right in offsets]

    @cached_property
    def graph_channels(self) -> list[int]:
        """The indices of those affinity maps that become edges of the graph: at distances in ``stages``."""
        stages = self._stage_of_distance
        return [channel for channel, of in enumerate(self.map_offsets) if _distance(of) in stages]

    @cached_property
    def graph_offsets(self) -> list[tuple[int, int]]:
        """The offset (down, right) of each of ``graph_channels``."""
        return [self.map_offsets[channel] for channel in self.graph_channels]

    @cached_property
    def graph_stages(self) -> list[int]:
        """The stage of each of ``graph_channels``, from 0."""
        return [self._stage_of_distance[_distance(offset)] for offset in self.graph_offsets]

    @cached_property
    def super_class_channels(self) -> list[list[int]]:
        """The channels of the semantic map that belong to each super-class."""
        return [[self._class_channels[name] for name in of] for of in self._model.super_classes]

    @cached_property
    def confused_class_channels(self) -> tuple[int, int] | None:
        """The channels of ``CONFUSED_CLASSES`` in the semantic map; None if ``scr`` is off."""
        if self.scr == "off":
            return None
        known = self._class_channels
        if (
            not known.keys() >= set(CONFUSED_CLASSES)
            or CONFUSED_DISTANCE not in self._stage_of_distance
        ):
            raise ConfigError(
                f"strategy: scr needs classes {' and '.join(CONFUSED_CLASSES)} and distance "
                f"{CONFUSED_DISTANCE}, but the model or its stages lack them; set scr to 'off'"
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
    """Convert lists to tuples, also inside other lists."""
    return tuple(map(lists_to_tuples, value)) if isinstance(value, list | tuple) else value


BARE = PipelineConfig()
"""The paper's baseline (section 5.3): one graph for the image, without background, and no refinement."""

PLAIN = BARE.replace(par="super-classes")
"""``BARE`` with affinities refined by super-classes. Records state only the differences from ``PLAIN``."""

PAPER = PLAIN.replace(roi=True, rr=True, flm=2, scp=True, scr="between", shf=True, ihf=True)
"""All strategies of the paper, with the paper's numbers."""
