"""What both networks say of a region of an image, from the cache if it is there."""

from functools import cached_property
from importlib.metadata import version
from pathlib import Path

import numpy as np

import models
from bench.cache import AffinityCache
from bench.digests import array_digest, files_digest
from bench.pipeline.prediction import View
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
        "normalisation",
        "tiled_inference",
    )
]
"""What decides the networks' answers beside weights and image: a change there is another cache key."""

Strides = tuple[int, int]
"""Output strides of the semantic and of the affinity network."""


class Networks:
    """The networks of a model folder, loaded when the cache first lacks something."""

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
        """What decides the answers beside image and region: the part of a cache key that all share."""
        config = self.config
        key = {
            "weights": weights_digest(self.folder),
            "networks": f"{config.semantic} {config.affinity}",
            "preprocessing": f"mean {config.mean} std {config.std} stretch {config.stretch}",
            "sources": files_digest(INFERENCE_SOURCES),
            "torch": version("torch"),
        }
        if self.device.type != "cpu":
            key["device"] = self.device.type  # other kernels, other last bits
        return key

    def key(self, image: np.ndarray, view: View, stride: int | None) -> dict[str, str]:
        """Everything that decides what both networks answer at one output stride, None for their own."""
        key = {**self.model_key, "image": array_digest(image), **view.entries()}
        # Only what is not as the model has it: so ``bench cache`` knows all entries for the model's.
        return key if stride is None else {**key, "output stride": str(stride)}

    def logits(self, image: np.ndarray, view: View, strides: Strides) -> Logits:
        """What both networks say at output stride; from two entries of the cache where the strides are not
        those of one."""
        semantic, affinity = self.passes(strides)
        entries = {stride: self._entry(image, view, stride) for stride in {semantic, affinity}}
        return Logits(entries[semantic].semantic, entries[affinity].affinity)

    def passes(self, strides: Strides) -> tuple[int | None, int | None]:
        """The entries of the cache that hold what the semantic and the affinity network say at ``strides``.

        They are told by the output stride of both networks in them, None for the model's own.
        """
        semantic, affinity = (
            None if stride == config.output_stride else stride
            for stride, config in zip(strides, self.configs, strict=True)
        )
        return semantic, affinity

    def _entry(self, image: np.ndarray, view: View, stride: int | None) -> Logits:
        def compute() -> dict[str, np.ndarray]:
            return vars(infer(self.model, view.network_input(image), stride))

        return Logits(**self.cache.fetch(self.key(image, view, stride), compute))

    def probabilities(self, image: np.ndarray, view: View, strides: Strides) -> Probabilities:
        """The same at the size that is seen (section 3.3), of the picture as it is looked at: mirrored, if
        it is."""
        return probabilities(self.logits(image, view, strides), view.input_size, strides)

    def classes(self, image: np.ndarray, view: View, strides: Strides) -> np.ndarray:
        """The class probabilities alone, (1 + C, H, W) float32."""
        logits = self.logits(image, view, strides).semantic
        return class_probabilities(logits, view.input_size, strides[0])
