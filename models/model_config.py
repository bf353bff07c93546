"""The configuration of a trained model, which is stored in ``model.toml``."""

import json
import tomllib
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any, TypeVar

import tomlkit
from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from models.affinity_channels import channel_offsets
from models.atomic_write import atomic_write

FORMAT = 1
SCHEMA = Path(__file__).parent / "model.schema.json"

Config = TypeVar("Config", bound="NetworkConfig | ModelConfig")


class ModelError(ValueError):
    """A model that cannot be used; the message says why and what to do, in one line."""


@dataclass(frozen=True)
class NetworkConfig:
    """The architecture of one DeepLabv3, whose head has ``channels`` outputs.

    block: "basic" (two 3x3 convolutions) or "bottleneck" (1x1, 3x3, 1x1; 4 times the channels at the end).
    stem_width, widths, depths: channels of the stem; channels and blocks of the four layers.
    output_stride: distance in input pixels of two neighbouring outputs: 4, 8, 16 or 32. Weights fit all four.
    multi_grid: a factor on the dilation for each block of the last layer.
    aspp_width, aspp_rates: the channels of ASPP; its atrous rates at output stride 16.
    image_pooling: ASPP has a branch for the mean of the whole image. Without this branch, a logit depends
        only on a neighbourhood of its pixel (models.tiled_inference).
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
        # This text is in checkpoints and cache keys. Settings that were added later are left out if they have
        # the default value, so that older checkpoints and keys stay valid.
        shown = [
            setting
            for setting in fields(self)
            if setting.repr or getattr(self, setting.name) != setting.default
        ]
        words = ", ".join(f"{setting.name}={getattr(self, setting.name)!r}" for setting in shown)
        return f"{type(self).__name__}({words})"

    def __post_init__(self) -> None:
        if self.block not in ("basic", "bottleneck"):
            raise ModelError(f"block is {self.block!r}, it must be 'basic' or 'bottleneck'")
        if self.output_stride not in (4, 8, 16, 32):
            raise ModelError(f"output_stride is {self.output_stride}, it must be 4, 8, 16 or 32")
        if not len(self.widths) == len(self.depths) == 4:
            raise ModelError("widths and depths must have four numbers each, one for each layer")
        if len(self.multi_grid) != self.depths[-1]:
            raise ModelError(
                f"multi_grid has {len(self.multi_grid)} factors, the last layer {self.depths[-1]} blocks"
            )

    def at_stride(self, output_stride: int) -> "NetworkConfig":
        """The same configuration with another output stride."""
        return replace(self, output_stride=output_stride)


@dataclass(frozen=True)
class MergeConfig:
    """The settings of the graph merge for a model and one linkage.

    thresholds: r_w of each stage (section 3.4). min_object_pixels: r_c; objects have more pixels than that.
    """

    thresholds: tuple[float, ...]
    min_object_pixels: int

    def entries(self) -> dict[str, Any]:
        """The settings under the names that TOML and JSON files use."""
        return {"thresholds": self.thresholds, "min_pixels": self.min_object_pixels}


@dataclass(frozen=True)
class ModelConfig:
    """The content of ``model.toml``.

    stages: the distances of each stage of the merge, e.g. ((1, 2, 4), (8, 16), (32, 64)).
    mean, std: by RGB channel, for images scaled to [0, 1].
    crop: the side in pixels of the square crops that the networks were trained on.
    merge: the settings of the graph merge by linkage.
    stretch: the contrast of images is stretched before inference (models.image_preprocessing).
    enlarge_to: lower images are enlarged to this height in pixels before inference (section 4.3); 0: never.
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
        """All distances, in the order of the affinity channels (eight channels for each distance)."""
        return tuple(distance for stage in self.stages for distance in stage)

    @property
    def channel_offsets(self) -> list[tuple[int, int]]:
        """The offset (dy, dx) in pixels of every channel of the affinity network (section 3.3)."""
        return channel_offsets(self.distances)

    def merge_config(self, linkage: str) -> MergeConfig:
        """The settings of the merge for ``linkage``; raises ``ModelError`` if the model has none."""
        if linkage not in self.merge:
            raise ModelError(
                f"model {self.name} has no [merge.{linkage}] in its model.toml: choose the settings with "
                f"`python -m bench tune {self.name} --linkage {linkage}`, or give thresholds and min_pixels"
            )
        return self.merge[linkage]

    def __post_init__(self) -> None:
        self._check_merge()
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

    def _check_merge(self) -> None:
        """Raise ``ModelError`` unless each linkage has a threshold for each stage."""
        for linkage, settings in self.merge.items():
            if len(settings.thresholds) != len(self.stages):
                raise ModelError(
                    f"[merge.{linkage}] has {len(settings.thresholds)} thresholds, "
                    f"there are {len(self.stages)} stages"
                )


def read_config(path: Path) -> ModelConfig:
    """Read ``model.toml``; raises ``ModelError``, one line, that names the file and the entry."""
    table = _read_table(path)
    error = best_match(Draft202012Validator(json.loads(SCHEMA.read_text())).iter_errors(table))
    if error is not None:
        raise ModelError(f"{path}: {error.json_path.removeprefix('$.')}: {error.message}")
    del table["format"]
    for network in ("semantic", "affinity"):
        table[network] = _build_config(NetworkConfig, table[network], f"{path}: [{network}]")
    table["merge"] = {
        linkage: MergeConfig(tuple(entries["thresholds"]), entries["min_pixels"])
        for linkage, entries in table["merge"].items()
    }
    return _build_config(ModelConfig, table, str(path))


def _read_table(path: Path) -> dict[str, Any]:
    """The table of a TOML file; raises ``ModelError`` if the file is missing or damaged."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ModelError(
            f"{path} is missing: pass a folder that `python -m bench train` has written"
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ModelError(f"{path}: not TOML: {error}") from None


def _build_config(cls: type[Config], table: dict[str, Any], where: str) -> Config:
    """An instance of ``cls`` with the entries of a table; its ``ModelError`` begins with ``where``."""
    try:
        return cls(**{key: _tuples(value) for key, value in table.items()})
    except ModelError as error:
        raise ModelError(f"{where}: {error}") from None


def _tuples(value: Any) -> Any:
    """Convert the lists of TOML, nested ones too, to tuples, as dataclasses here hold tuples."""
    return tuple(_tuples(item) for item in value) if isinstance(value, list) else value


def write_config(config: ModelConfig, path: Path) -> None:
    """Write ``model.toml``; ``read_config`` returns the same configuration."""
    table = {"format": FORMAT, **asdict(config)}
    table["merge"] = {linkage: settings.entries() for linkage, settings in config.merge.items()}
    # In TOML, plain values must precede tables, but some of the last fields are plain values.
    plain = {name: value for name, value in table.items() if not isinstance(value, dict)}
    with atomic_write(path) as partial:
        partial.write_text(tomlkit.dumps(plain | table))
