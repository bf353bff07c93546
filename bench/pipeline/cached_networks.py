"""The networks as a predictor: probabilities from cached logits (sections 3.2, 3.3 and 5.3)."""

from dataclasses import replace
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any

from bench.cache import AffinityCache, Arrays
from bench.digests import array_digest, imported_source_files, source_files_digest
from bench.pipeline.config import PipelineConfig
from bench.pipeline.network_logits import network_logits
from bench.pipeline.view import View
from bench.types import RgbImage, Size, image_size
from merge_impls import canonical
from merge_impls.arrays import Float32Array
from models.devices import device_named
from models.flip_averaging import averaged_affinities, averaged_class_probabilities
from models.inference import Logits, affinity_probabilities, class_probabilities
from models.model_config import ModelConfig, ModelError, NetworkConfig, read_config
from models.model_folder import Model, load_model, weights_digest

LOGITS_MODULE = "bench.pipeline.network_logits"
"""The module that computes logits. A hash of its sources, with all that it imports, is in the cache key."""

LOGITS_LIBRARIES = ("torch", "numpy", "pillow")
"""The libraries that compute logits. Their versions are in the cache key."""

LOGITS_IN_MEMORY = 2
"""The number of views whose logits a predictor keeps in memory."""


class CachedNetworks:
    """The two networks of a model folder, and the cache of their logits.

    The networks are loaded only when the cache lacks an entry.
    """

    def __init__(self, folder: Path, cache: AffinityCache, device: str = "cpu") -> None:
        self.folder, self.cache, self.device = folder, cache, device_named(device)
        self.config: ModelConfig = read_config(folder / "model.toml")

    def __getstate__(self) -> dict[str, Any]:
        """The attributes without the networks, which a worker loads from the model's folder."""
        return {name: value for name, value in vars(self).items() if name != "model"}

    @cached_property
    def model(self) -> Model:
        """Both networks. Raises ``ModelError`` if their files have changed since the cache key was made."""
        model = load_model(self.folder, str(self.device))
        if (model.weights_digest, model.config) != (self.model_key["weights"], self.config):
            raise ModelError(
                f"{self.folder} was changed while it was in use; run the command again"
            )
        return model

    @cached_property
    def model_key(self) -> dict[str, str]:
        """The entries of a cache key that do not depend on image and view."""
        config = self.config
        key = {
            "weights": weights_digest(self.folder),
            "networks": f"{config.semantic} {config.affinity}",
            "preprocessing": f"mean {config.mean} std {config.std} stretch {config.stretch}",
            "sources": source_files_digest(imported_source_files(LOGITS_MODULE)),
            **{library: version(library) for library in LOGITS_LIBRARIES},
        }
        if self.device.type != "cpu":
            key["device"] = (
                self.device.type
            )  # results differ from those of the CPU in the last bits
        return key

    def cache_key(self, image: str, view: View, stride: int | None) -> dict[str, str]:
        """The cache key of the logits of both networks for a view of an image.

        image: the ``array_digest`` of the image.
        stride: the output stride of both networks; None: the stride in the configuration of each network.
        """
        key = {**self.model_key, "image": image, **view.cache_key_entries()}
        # The entry "networks" of model_key already determines the configured strides.
        return key if stride is None else {**key, "output stride": str(stride)}

    def logits(
        self, image: RgbImage, key: dict[str, str], view: View, stride: int | None
    ) -> Logits:
        """The logits for a view: read from the cache, or computed and stored in the cache.

        key: the result of ``key`` for the same image, view and stride.
        """

        def compute_logits() -> Arrays:
            return vars(network_logits(self.model, image, view, stride))

        return Logits(**self.cache.read_or_compute(key, compute_logits))


class NetworkPredictor:
    """Predicts views of one image (H, W, 3) uint8 with the networks."""

    def __init__(self, networks: CachedNetworks, config: PipelineConfig, image: RgbImage) -> None:
        self._networks, self._config, self._image = networks, config, image
        self._lately_used: dict[tuple[View, int | None], Logits] = {}

    @property
    def image_size(self) -> Size:
        """(height, width) of the image."""
        return image_size(self._image)

    @cached_property
    def _image_digest(self) -> str:
        """The part of a cache key that identifies the image."""
        return array_digest(self._image)

    def cache_key(self, view: View) -> dict[str, str]:
        """The cache key of the logits from which the class probabilities of a view are computed."""
        return self._networks.cache_key(self._image_digest, view, self._entry_strides[0])

    def semantic(self, view: View) -> Float32Array:
        """Class probabilities (1 + C, H, W) of a view (section 3.2).

        With ``shf``, the mean of the probabilities of the view and of the mirrored view (section 5.3).
        """
        classes = self._class_probabilities(view)
        if self._config.shf:
            classes = averaged_class_probabilities(
                classes, self._class_probabilities(replace(view, mirrored=True))
            )
        return classes

    def affinity(self, view: View) -> Float32Array:
        """Undirected affinities (K, H, W) of a view: the mean of both directions of each pair (3.3, 3.4).

        With ``ihf``, the mean of the affinities of the view and of the mirrored view (section 5.3).
        """
        directed = self._directed_affinities(view)
        if self._config.ihf:
            mirror = self._directed_affinities(replace(view, mirrored=True))
            directed = averaged_affinities(directed, mirror, self._networks.config.distances)
        affinity: Float32Array
        affinity, _ = canonical(
            directed, self._networks.config.channel_offsets, layout="channels_first"
        )
        return affinity

    def prepare(self, view: View) -> None:
        """Compute all logits that the prediction of a view needs, and store them in the cache."""
        semantic, affinity = self._entry_strides
        mirror = replace(view, mirrored=True)
        for wanted, stride, flip in (
            (view, semantic, True),
            (view, affinity, True),
            (mirror, semantic, self._config.shf),
            (mirror, affinity, self._config.ihf),
        ):
            if flip:
                self._logits(wanted, stride)

    def _class_probabilities(self, view: View) -> Float32Array:
        stride = self._config.output_strides[0]
        logits = self._logits(view, self._entry_strides[0]).semantic
        return class_probabilities(logits, view.input_size, stride)

    def _directed_affinities(self, view: View) -> Float32Array:
        stride = self._config.output_strides[1]
        logits = self._logits(view, self._entry_strides[1]).affinity
        return affinity_probabilities(logits, view.input_size, stride)

    @property
    def _entry_strides(self) -> tuple[int | None, int | None]:
        """The output strides of the cache entries with the semantic and with the affinity logits.

        None: the entry in which each network ran at the stride of its configuration.
        """
        semantic, affinity = self._config.output_strides
        own = self._networks.config
        return _stride_unless_configured(own.semantic, semantic), _stride_unless_configured(
            own.affinity, affinity
        )

    def _logits(self, view: View, stride: int | None) -> Logits:
        """The logits of both networks for a view. The last two results are kept in memory.

        A view and its mirror image need two results. An ``lru_cache`` would make a cycle of references with
        this object, so that the memory of many images would wait for the garbage collector.
        """
        key = self._networks.cache_key(self._image_digest, view, stride)
        kept = self._lately_used.pop((view, stride), None)
        logits = kept or self._networks.logits(self._image, key, view, stride)
        self._lately_used[view, stride] = logits
        while len(self._lately_used) > LOGITS_IN_MEMORY:
            del self._lately_used[next(iter(self._lately_used))]
        return logits


def _stride_unless_configured(network: NetworkConfig, stride: int) -> int | None:
    """``stride``, or None if it is the stride of the network's configuration."""
    return None if stride == network.output_stride else stride
