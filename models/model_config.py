"""The configuration of a trained model, which is stored in ``model.toml``."""

import json
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any, TypeVar

import tomlkit

from models.affinity_channels import channel_offsets
from models.kept_files import write_in_one_step
from models.toml_schema import describe_schema_error, read_toml

FORMAT_VERSION = 1
"""The version of the format of ``model.toml``."""

SCHEMA_FILE = Path(__file__).parent / "model.schema.json"

Config = TypeVar("Config", bound="NetworkConfig | ModelConfig")


class ModelError(ValueError):
    """A model cannot be used. The message says in one line why, and what to do."""


@dataclass(frozen=True)
class NetworkConfig:
    """The architecture of one DeepLabv3.

    channels: the number of outputs for each pixel.
    block: the kind of block in the encoder, "basic" or "bottleneck" (models.encoder).
    stem_width: the channels of the first convolution.
    widths, depths: for each of the four layers, its channels and its number of blocks.
    output_stride: the distance in pixels between neighbouring outputs: 4, 8, 16 or 32. The same weights fit
        all four values.
    multi_grid: for each block of the last layer, a factor by which its dilation is multiplied.
    aspp_width: the channels of atrous spatial pyramid pooling (ASPP).
    aspp_rates: the dilations of the branches of ASPP at output stride 16.
    image_pooling: whether ASPP has a branch for the mean of the whole image. Without this branch, a logit
        depends only on a neighbourhood of its pixel, so that tiles give the same result as the whole image.
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
        # Checkpoints and cache keys contain this text. Settings that did not exist when they were written
        # are left out as long as they have the default value, so that old checkpoints and keys stay valid.
        shown = [
            setting
            for setting in fields(self)
            if setting.repr or getattr(self, setting.name) != setting.default
        ]
        words = ", ".join(f"{setting.name}={getattr(self, setting.name)!r}" for setting in shown)
        return f"{type(self).__name__}({words})"

    def __post_init__(self) -> None:
        if self.block not in ("basic", "bottleneck"):
            raise ModelError(f"block is {self.block!r}; it must be 'basic' or 'bottleneck'")
        if self.output_stride not in (4, 8, 16, 32):
            raise ModelError(f"output_stride is {self.output_stride}; it must be 4, 8, 16 or 32")
        if not len(self.widths) == len(self.depths) == 4:
            raise ModelError("widths and depths must have four numbers each, one for each layer")
        if len(self.multi_grid) != self.depths[-1]:
            raise ModelError(
                f"multi_grid has {len(self.multi_grid)} factors, but the last layer has {self.depths[-1]} "
                "blocks; give one factor for each block"
            )

    def at_stride(self, output_stride: int) -> "NetworkConfig":
        """A copy of this configuration with another output stride."""
        return replace(self, output_stride=output_stride)


@dataclass(frozen=True)
class MergeConfig:
    """The settings of the graph merge for one model and one linkage.

    thresholds: for each stage the threshold r_w (section 3.4): edges of at least this weight are merged.
    min_object_pixels: the size r_c: segments of this many pixels or fewer are not objects.
    """

    thresholds: tuple[float, ...]
    min_object_pixels: int

    def file_entries(self) -> dict[str, Any]:
        """The settings, by the names that they have in TOML and JSON files."""
        return {"thresholds": self.thresholds, "min_pixels": self.min_object_pixels}


@dataclass(frozen=True)
class ModelConfig:
    """The content of ``model.toml``.

    stages: for each stage of the merge, the distances in pixels of its neighbours, such as
        ((1, 2, 4), (8, 16), (32, 64)).
    mean, std: the normalisation of each RGB channel, for images with values in [0, 1].
    crop: the side in pixels of the square crops that the networks were trained on.
    merge: for each linkage, by its name, the settings of the graph merge.
    stretch: whether the contrast of images is stretched before inference (``stretch_contrast``).
    enlarge_to: images of a smaller height are enlarged to this height in pixels before inference
        (section 4.3). 0 means that no image is enlarged.
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
        """The distances of all stages, in the order of the affinity channels (eight for each distance)."""
        return tuple(distance for stage in self.stages for distance in stage)

    @property
    def channel_offsets(self) -> list[tuple[int, int]]:
        """The offset (dy, dx) in pixels of every channel of the affinity network (section 3.3)."""
        return channel_offsets(self.distances)

    def merge_config(self, linkage: str) -> MergeConfig:
        """The settings of the merge for ``linkage``; raises ``ModelError`` if the model has none."""
        if linkage not in self.merge:
            raise ModelError(
                f"model {self.name} has no [merge.{linkage}] in its model.toml: let "
                f"`python -m bench tune {self.name} --linkage {linkage}` choose its settings, or give "
                "thresholds and min_pixels"
            )
        return self.merge[linkage]

    def __post_init__(self) -> None:
        self._check_numbers_of_thresholds()
        named = [name for group in self.super_classes for name in group]
        if sorted(named) != sorted(self.classes):
            raise ModelError(
                f"super_classes {named} must name each class of {list(self.classes)} exactly once"
            )
        expected = {"semantic": 1 + len(self.classes), "affinity": 8 * len(self.distances)}
        for network, channels in expected.items():
            found = getattr(self, network).channels
            if found != channels:
                raise ModelError(
                    f"[{network}] channels is {found}; with these classes and stages it must be {channels}"
                )

    def _check_numbers_of_thresholds(self) -> None:
        """Raise ``ModelError`` unless each linkage has one threshold for each stage."""
        for linkage, settings in self.merge.items():
            if len(settings.thresholds) != len(self.stages):
                raise ModelError(
                    f"[merge.{linkage}] has {len(settings.thresholds)} thresholds, but there are "
                    f"{len(self.stages)} stages; give one threshold for each stage"
                )


def read_config(path: Path) -> ModelConfig:
    """Read ``model.toml``. Raises ``ModelError``, which names the file and the wrong entry."""
    table = _read_table(path)
    error = describe_schema_error(table, json.loads(SCHEMA_FILE.read_text()))
    if error is not None:
        raise ModelError(f"{path}: {error}")
    del table["format"]
    for network in ("semantic", "affinity"):
        table[network] = _build_config(NetworkConfig, table[network], f"{path}: [{network}]")
    table["merge"] = {
        linkage: MergeConfig(tuple(entries["thresholds"]), entries["min_pixels"])
        for linkage, entries in table["merge"].items()
    }
    return _build_config(ModelConfig, table, str(path))


def _read_table(path: Path) -> dict[str, Any]:
    """The content of a TOML file. Raises ``ModelError`` if the file is missing or damaged."""
    try:
        return read_toml(path, ModelError).table
    except FileNotFoundError:
        raise ModelError(
            f"{path} is missing: pass a folder that `python -m bench train` has written"
        ) from None


def _build_config(cls: type[Config], table: dict[str, Any], where: str) -> Config:
    """An instance of the class ``cls`` with the entries of a table of ``model.toml``.

    where: the start of the message of a ``ModelError``: the file and the table.
    """
    try:
        return cls(**{key: _lists_to_tuples(value) for key, value in table.items()})
    except ModelError as error:
        raise ModelError(f"{where}: {error}") from None


def _lists_to_tuples(value: Any) -> Any:
    """The value with all lists, also nested ones, converted to tuples; other values are unchanged."""
    return tuple(_lists_to_tuples(item) for item in value) if isinstance(value, list) else value


def write_config(config: ModelConfig, path: Path) -> None:
    """Write a configuration to ``model.toml``, from which ``read_config`` reads an equal one."""
    table = {"format": FORMAT_VERSION, **asdict(config)}
    table["merge"] = {
        linkage: settings.file_entries() for linkage, settings in config.merge.items()
    }
    # In TOML, plain values must stand before all tables.
    plain = {name: value for name, value in table.items() if not isinstance(value, dict)}
    write_in_one_step(path, tomlkit.dumps(plain | table).encode())
