"""A predictor whose classes, affinities or both another program has predicted for the whole image."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Self

import numpy as np

from bench.digests import json_digest
from bench.pipeline.config import ConfigError, PipelineConfig
from bench.pipeline.given_files import (
    ARRAY_SUFFIXES,
    AffinityFolder,
    FilesOfImages,
    SemanticFolder,
)
from bench.pipeline.predictor import MixedPredictor, Predictor
from bench.pipeline.view import View
from bench.types import Size
from merge_impls.arrays import Float32Array
from merge_impls.offsets import pair_slices

SHOWN_DIGITS = 8
"""How many hexadecimal digits of a digest the name of a model has."""


@dataclass(frozen=True)
class GivenMaps:
    """The maps that take the place of one network or of both. None: the network of the model predicts."""

    semantic: SemanticFolder | None
    affinity: AffinityFolder | None

    @classmethod
    def open(cls, semantic: Path | None, affinity: Path | None, classes: Sequence[str]) -> Self:
        """Open folders of maps. classes: the classes of the model.

        Raises FileNotFoundError or ValueError, one line that names the file.
        """
        return cls(
            None if semantic is None else SemanticFolder(semantic, classes),
            None if affinity is None else AffinityFolder(FilesOfImages(affinity, ARRAY_SUFFIXES)),
        )

    @property
    def _folders(self) -> dict[str, SemanticFolder | AffinityFolder]:
        """The folders by the name of the network whose place they take."""
        both = {"semantic": self.semantic, "affinity": self.affinity}
        return {network: folder for network, folder in both.items() if folder is not None}

    @property
    def paths(self) -> dict[str, str]:
        """The path of each folder, as it was given, by the name of the network."""
        return {network: str(folder.files.folder) for network, folder in self._folders.items()}

    @property
    def is_complete(self) -> bool:
        """Whether no network of the model is needed."""
        return len(self._folders) == 2

    def check_config(self, config: PipelineConfig) -> None:
        """Raise ``ConfigError`` if a strategy needs a network that is replaced. The config has a model."""
        for network, folder in self._folders.items():
            entry = _strategy_that_needs_network(config, network, self.is_complete)
            if entry is not None:
                name, remedy = entry
                raise ConfigError(
                    f"strategy: {name} runs the {network} network, but its maps are given in "
                    f"{folder.files.folder}; {remedy}"
                )

    def identities(self, name: str) -> dict[str, str]:
        """For each given network, a digest of the maps of an image."""
        return {network: folder.identity(name) for network, folder in self._folders.items()}

    def digest(self, names: Sequence[str]) -> str:
        """SHA-256 (hex) of the maps of images."""
        return json_digest([self.identities(name) for name in names])

    def label(self, names: Sequence[str]) -> str:
        """Who computed the maps: for each given network the name of the folder, and a digest of its maps."""
        parts = []
        for network, folder in self._folders.items():
            digest = json_digest([folder.identity(name) for name in names])
            parts.append(f"{network} {folder.files.folder.resolve().name} {digest[:SHOWN_DIGITS]}")
        return ", ".join(parts)

    def predictor(
        self, name: str, size: Size, config: PipelineConfig, networks: Callable[[], Predictor]
    ) -> Predictor:
        """The predictor of the image ``name`` of ``size`` (height, width).

        networks: returns the predictor that runs the networks. It is called if a network is not replaced.
        """
        if not name:
            raise ValueError(
                "given maps belong to a named image; leave --semantic and --affinity out"
            )
        given = GivenPredictor(self, name, size, config)
        if self.is_complete:
            return given
        return MixedPredictor(
            semantic_from=given if self.semantic else networks(),
            affinity_from=given if self.affinity else networks(),
        )


@dataclass(frozen=True)
class GivenPredictor:
    """Predicts views of one image by cutting them out of the given maps of the whole image."""

    maps: GivenMaps
    name: str
    image_size: Size
    config: PipelineConfig

    def semantic(self, view: View) -> Float32Array:
        """Class probabilities of a view, see ``Predictor.semantic``."""
        self._check_view(view)
        return self._classes[:, *view.box.slices]

    def affinity(self, view: View) -> Float32Array:
        """Undirected affinities of a view, see ``Predictor.affinity``.

        They are 0 for pairs that leave the view, and NaN at offsets that no stage uses and no file has.
        """
        self._check_view(view)
        offsets, given = self.config.map_offsets, self._affinities
        affinity = np.full((len(offsets), *view.box.size), np.nan, np.float32)
        for channel, offset in enumerate(offsets):
            if offset in given:
                here, _ = pair_slices(view.box.size, np.array(offset))
                affinity[channel] = 0
                affinity[channel][here] = given[offset][view.box.slices][here]
        return affinity

    def prepare(self, view: View) -> None:
        """Do nothing, because cutting given maps is fast."""

    @cached_property
    def _classes(self) -> Float32Array:
        assert self.maps.semantic is not None
        return self.maps.semantic.read(self.name, self.image_size)

    @cached_property
    def _affinities(self) -> dict[tuple[int, int], Float32Array]:
        """The affinities of the whole image by offset. Raises ValueError if a stage needs other offsets."""
        assert self.maps.affinity is not None
        given = self.maps.affinity.read(self.name, self.image_size)
        for offset in self.config.graph_offsets:
            if offset not in given:
                raise ValueError(
                    f"{self.maps.affinity.files.path(self.name)}: has no affinities of the offset {offset}, "
                    "which a stage uses; add them, or choose stages of other distances (--set stages=...)"
                )
        return given

    def _check_view(self, view: View) -> None:
        if view.mirrored or view.input_size != view.box.size:
            raise ValueError(
                "given maps cannot be enlarged or mirrored; see GivenMaps.check_config"
            )


def _strategy_that_needs_network(
    config: PipelineConfig, network: str, is_complete: bool
) -> tuple[str, str] | None:
    """The first entry of a configuration that runs the network "semantic" or "affinity" in another way.

    is_complete: whether the other network is replaced too.
    Returns the entry with its value, and what to do; None if there is no such entry.
    """
    flip, stride = {
        "semantic": ("shf", "semantic_stride"),
        "affinity": ("ihf", "affinity_stride"),
    }[network]
    enlarges = config.enlarged_region_height > 0 or config.enlarged_image_height > 0
    if config.rr:
        return "rr (regions are enlarged)", "choose rows without it, or add --set rr=false"
    if enlarges:
        return "the model's enlarge_to", "take a model that does not enlarge images"
    if getattr(config, flip):
        return (
            f"{flip} (the mirrored image)",
            f"leave out --flip, choose rows without it, or add --set {flip}=false",
        )
    if getattr(config, stride) is not None:
        return (
            f"{stride} = {getattr(config, stride)}",
            f"leave out --output-stride, or add --set {stride}=model",
        )
    if config.tile and is_complete:
        return f"tile = {config.tile}", "add --set tile=0"
    return None
