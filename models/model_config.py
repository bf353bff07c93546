"""What a trained model is, in words: the content of ``model.toml``."""

import json
import tomllib
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

import tomlkit
from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from models.files import write_whole

FORMAT = 1
SCHEMA = Path(__file__).parent / "model.schema.json"


class ModelError(ValueError):
    """A model folder that cannot be used, and why, in one line."""


@dataclass(frozen=True)
class NetworkConfig:
    """One DeepLabv3: a residual encoder with atrous blocks, ASPP, and a head of ``channels`` outputs.

    block: "basic" (two 3x3) or "bottleneck" (1x1, 3x3, 1x1; four times as wide outside).
    stem_width, widths, depths: channels of the stem, channels and blocks of the four layers.
    output_stride: input pixels a step of the output spans (4, 8, 16 or 32); the weights fit every stride.
    multi_grid: factors on the dilation of the last layer's blocks, as many as it has blocks.
    aspp_width, aspp_rates: channels of ASPP; its atrous rates as they would be at output stride 16.
    image_pooling: ASPP has a branch for the mean of the whole image; without it the network has fewer
        weights, and what it says of a place depends on its surroundings alone (models.tiled_inference).
    """

    channels: int
    block: str = "basic"
    stem_width: int = 64
    widths: tuple[int, ...] = (64, 128, 256, 512)
    depths: tuple[int, ...] = (2, 2, 2, 2)
    output_stride: int = 16
    multi_grid: tuple[int, ...] = (1, 1)
    aspp_width: int = 256
    aspp_rates: tuple[int, ...] = (6, 12, 18)
    image_pooling: bool = field(default=True, repr=False)

    def __repr__(self) -> str:
        # Checkpoints and cache keys hold these words: what is younger is said only if it isn't the default.
        said = [
            part for part in fields(self) if part.repr or getattr(self, part.name) != part.default
        ]
        words = ", ".join(f"{part.name}={getattr(self, part.name)!r}" for part in said)
        return f"{type(self).__name__}({words})"

    def __post_init__(self) -> None:
        if self.block not in ("basic", "bottleneck"):
            raise ModelError(f"block is {self.block!r}, it must be 'basic' or 'bottleneck'")
        if self.output_stride not in (4, 8, 16, 32):
            raise ModelError(f"output_stride is {self.output_stride}, it must be 4, 8, 16 or 32")
        if not len(self.widths) == len(self.depths) == 4:
            raise ModelError("widths and depths must have four numbers each, one a layer")
        if len(self.multi_grid) != self.depths[-1]:
            raise ModelError(
                f"multi_grid has {len(self.multi_grid)} factors, the last layer {self.depths[-1]} blocks"
            )

    def at_stride(self, output_stride: int) -> "NetworkConfig":
        """The same network, to be run at another output stride."""
        return replace(self, output_stride=output_stride)


@dataclass(frozen=True)
class MergeConfig:
    """What the graph merge needs to know of a model, for one linkage.

    thresholds: r_w of each stage (section 3.4); min_pixels: r_c, segments must be larger.
    """

    thresholds: tuple[float, ...]
    min_pixels: int


@dataclass(frozen=True)
class ModelConfig:
    """``model.toml``: classes, affinities, normalisation, both networks, and the merge's numbers.

    stages: the distances of each stage of the merge, e.g. ((1, 2, 4), (8, 16), (32, 64)).
    mean, std: per RGB channel, of images scaled to [0, 1].
    crop: height and width in pixels that the networks were trained on.
    merge: the chosen numbers by linkage.
    stretch: images are first ``stretched`` (models.normalisation).
    enlarge_to: lower pictures are first enlarged to this height in pixels (section 4.3); 0: never.
    """

    name: str
    classes: tuple[str, ...]
    super_classes: tuple[tuple[str, ...], ...]
    stages: tuple[tuple[int, ...], ...]
    mean: tuple[float, ...]
    std: tuple[float, ...]
    crop: int
    semantic: NetworkConfig
    affinity: NetworkConfig
    merge: dict[str, MergeConfig]
    stretch: bool = False
    enlarge_to: int = 0

    @property
    def distances(self) -> tuple[int, ...]:
        """All distances, in the order of the affinity network's channels (eight each)."""
        return tuple(distance for stage in self.stages for distance in stage)

    def numbers(self, linkage: str) -> MergeConfig:
        """The merge's numbers for ``linkage``; raises ``ModelError`` if the model has none."""
        if linkage not in self.merge:
            raise ModelError(f"model {self.name} has no [merge.{linkage}] in its model.toml")
        return self.merge[linkage]

    def __post_init__(self) -> None:
        for linkage, numbers in self.merge.items():
            if len(numbers.thresholds) != len(self.stages):
                raise ModelError(
                    f"[merge.{linkage}] has {len(numbers.thresholds)} thresholds, "
                    f"there are {len(self.stages)} stages"
                )
        named = [name for group in self.super_classes for name in group]
        if sorted(named) != sorted(self.classes):
            raise ModelError(
                f"super_classes {named} must name every class of {list(self.classes)} once"
            )
        expected = {"semantic": 1 + len(self.classes), "affinity": 8 * len(self.distances)}
        for network, channels in expected.items():
            found = getattr(self, network).channels
            if found != channels:
                raise ModelError(
                    f"[{network}] channels is {found}, the configuration needs {channels}"
                )


def _tuples(value: Any) -> Any:
    return tuple(_tuples(item) for item in value) if isinstance(value, list) else value


def _build(cls: type, table: dict[str, Any], where: str) -> Any:
    try:
        return cls(**{key: _tuples(value) for key, value in table.items()})
    except ModelError as error:
        raise ModelError(f"{where}: {error}") from None


def read_config(path: Path) -> ModelConfig:
    """Read ``model.toml``; raises ``ModelError`` naming the file and the entry."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ModelError(
            f"{path} is missing: name a folder that `bench train` has written"
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ModelError(f"{path}: not TOML: {error}") from None
    fault = best_match(Draft202012Validator(json.loads(SCHEMA.read_text())).iter_errors(table))
    if fault is not None:
        raise ModelError(f"{path}: {fault.json_path.removeprefix('$.')}: {fault.message}")
    del table["format"]
    for network in ("semantic", "affinity"):
        table[network] = _build(NetworkConfig, table[network], f"{path}: [{network}]")
    table["merge"] = {
        linkage: _build(MergeConfig, numbers, f"{path}: [merge.{linkage}]")
        for linkage, numbers in table["merge"].items()
    }
    return _build(ModelConfig, table, str(path))


def write_config(config: ModelConfig, path: Path) -> None:
    """Write ``model.toml`` so that ``read_config`` gives the same configuration back."""
    # TOML wants plain values before tables, and merge is a table.
    table = {"format": FORMAT, **asdict(config)}
    plain = {name: value for name, value in table.items() if not isinstance(value, dict)}
    text = tomlkit.dumps(plain | table)
    write_whole(path, lambda partial: partial.write_text(text))
