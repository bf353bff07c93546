"""The logits and probabilities of both networks for a view of an image, from the cache if they are there."""

from functools import cached_property
from importlib.metadata import version
from pathlib import Path

import models
from bench.cache import AffinityCache, Arrays
from bench.digests import array_digest, files_digest
from bench.pipeline.prediction import View
from bench.types import RgbImage
from merge_impls.arrays import Float32Array
from models.devices import device_named
from models.inference import (
    Logits,
    Probabilities,
    class_probabilities,
    infer,
    probabilities,
)
from models.model_config import ModelConfig, read_config
from models.model_folder import Model, load_model, weights_digest

INFERENCE_SOURCES = [
    Path(models.__file__).parent / f"{module}.py"
    for module in (
        "affinity_channels",
        "model_config",
        "deeplabv3",
        "devices",
        "encoder",
        "model_folder",
        "inference",
        "image_preprocessing",
        "tiled_inference",
    )
]
"""The files that decide the logits, beside weights and image: a change there makes another cache key."""

Strides = tuple[int, int]
"""Output strides of the semantic and of the affinity network."""


class Networks:
    """The networks of a model folder. They are loaded once the cache lacks an entry."""

    def __init__(self, folder: Path, cache: AffinityCache, device: str = "cpu") -> None:
        self.folder, self.cache, self.device = folder, cache, device_named(device)
        self.config: ModelConfig = read_config(folder / "model.toml")
        self.configs = self.config.semantic, self.config.affinity

    @cached_property
    def model(self) -> Model:
        """Both networks."""
        return load_model(self.folder, str(self.device))

    @cached_property
    def model_key(self) -> dict[str, str]:
        """The part of a cache key that does not depend on image and view."""
        config = self.config
        key = {
            "weights": weights_digest(self.folder),
            "networks": f"{config.semantic} {config.affinity}",
            "preprocessing": f"mean {config.mean} std {config.std} stretch {config.stretch}",
            "sources": files_digest(INFERENCE_SOURCES),
            "torch": version("torch"),
        }
        if self.device.type != "cpu":
            key["device"] = self.device.type  # its kernels round the last bits differently
        return key

    def key(self, image: RgbImage, view: View, stride: int | None) -> dict[str, str]:
        """The cache key of the logits of both networks at one output stride, None for the models' own."""
        key = {**self.model_key, "image": array_digest(image), **view.entries()}
        # The model's own stride has no entry: so ``bench cache`` finds all entries of the model.
        return key if stride is None else {**key, "output stride": str(stride)}

    def logits(self, image: RgbImage, view: View, strides: Strides) -> Logits:
        """The logits of both networks, each at its output stride.

        They come from two entries of the cache if no single one has both strides.
        """
        semantic, affinity = self.entry_strides(strides)
        entries = {stride: self._entry(image, view, stride) for stride in {semantic, affinity}}
        return Logits(entries[semantic].semantic, entries[affinity].affinity)

    def entry_strides(self, strides: Strides) -> tuple[int | None, int | None]:
        """The cache entries that hold the semantic and the affinity logits at ``strides``.

        An entry is named by the output stride at which both networks ran, None for the model's own.
        """
        semantic, affinity = (
            None if stride == config.output_stride else stride
            for stride, config in zip(strides, self.configs, strict=True)
        )
        return semantic, affinity

    def _entry(self, image: RgbImage, view: View, stride: int | None) -> Logits:
        def compute() -> Arrays:
            return vars(infer(self.model, view.network_input(image), stride))

        return Logits(**self.cache.fetch(self.key(image, view, stride), compute))

    def probabilities(self, image: RgbImage, view: View, strides: Strides) -> Probabilities:
        """Class and affinity probabilities at the view's input size (section 3.3). Those of a mirrored view
        are mirrored, too."""
        return probabilities(self.logits(image, view, strides), view.input_size, strides)

    def classes(self, image: RgbImage, view: View, strides: Strides) -> Float32Array:
        """The class probabilities alone, (1 + C, H, W) float32."""
        logits = self.logits(image, view, strides).semantic
        return class_probabilities(logits, view.input_size, strides[0])
