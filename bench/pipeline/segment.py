"""Segments an image (sections 3 and 4): ``Pipeline.segment`` calls all steps, from regions to instances."""

import math
from collections.abc import Collection, Sequence
from copy import copy
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from bench.cache import AffinityCache
from bench.digests import array_digest, json_digest
from bench.pipeline.cached_networks import CachedNetworks, NetworkPredictor
from bench.pipeline.config import PLAIN, PipelineConfig
from bench.pipeline.foreground import graph_masks
from bench.pipeline.given_maps import GivenMaps
from bench.pipeline.graph import Graph, RegionGraph, RegionResult, build_graph
from bench.pipeline.instances import region_instances
from bench.pipeline.local_merge import force_local_merge
from bench.pipeline.oracle import AnnotationPredictor
from bench.pipeline.own_strategy import apply_own_strategy, find_own_strategy
from bench.pipeline.prediction import Prediction, predict
from bench.pipeline.predictor import MixedPredictor, Predictor
from bench.pipeline.refinement import apply_refinements
from bench.pipeline.regions import Region, predict_regions
from bench.pipeline.resizing import enlarged_size
from bench.pipeline.view import Box, View
from bench.types import Instance, RgbImage, Sample, Size, image_size
from merge_impls import Backend, merge
from merge_impls.arrays import BoolArray
from models.model_config import ModelConfig

LABEL_SEPARATOR = "; "
"""What stands between the name of a model and the label of given maps in ``Pipeline.networks_label``."""


@dataclass(frozen=True)
class Segmentation:
    """A segmented image.

    regions: all regions, each with its prediction, its graph and the result of its merge.
    backend: the name of the backend that merged the graphs.
    instances: the objects in all regions. Their masks have the size of the image.
    """

    regions: list[RegionResult]
    backend: str
    instances: list[Instance]


class Pipeline:
    """Segments images with a model and a configuration. The networks' logits are cached.

    given: the maps of other networks that take the place of the model's networks; None: there are none.
    device: where the networks run, "cpu", "cuda" or "cuda:N".
    Raises ValueError for an unknown device or output stride, and if the configuration does not fit the model.
    """

    def __init__(
        self,
        model_folder: Path,
        cache: AffinityCache,
        config: PipelineConfig = PLAIN,
        device: str = "cpu",
        given: GivenMaps | None = None,
    ) -> None:
        self.given = given
        self.networks = CachedNetworks(model_folder, cache, device)
        self.config = self._checked_config(config)

    def _checked_config(self, config: PipelineConfig) -> PipelineConfig:
        """The configuration with the model.

        Raises ``ConfigError`` if it does not fit model or given maps, or if ``own_strategy`` does not load.
        """
        complete = config.for_model(self.model)
        if self.given is not None:
            self.given.check_config(complete)
        find_own_strategy(complete)
        return complete

    @property
    def model(self) -> ModelConfig:
        """The content of the model's ``model.toml``."""
        return self.networks.config

    def replace(self, **changes: Any) -> Self:
        """A pipeline of the same model with a changed configuration, see :meth:`PipelineConfig.replace`."""
        return self.with_config(self.config.replace(**changes))

    def with_config(self, config: PipelineConfig) -> Self:
        """A pipeline of the same model with another configuration."""
        other = copy(self)
        other.config = self._checked_config(config)
        return other

    def with_given_maps(self, semantic: Path | None, affinity: Path | None) -> Self:
        """A pipeline with the maps in folders in place of the networks. None: the network predicts.

        Raises ``ConfigError`` if the configuration needs a network that is replaced.
        """
        other = copy(self)
        if semantic is not None or affinity is not None:
            other.given = GivenMaps.open(semantic, affinity, self.model.classes)
        return other.with_config(self.config)

    @property
    def given_folders(self) -> dict[str, str] | None:
        """The folder of the given maps of each network that they replace; None without given maps."""
        return None if self.given is None else self.given.paths

    def check_classes(self, class_names: Sequence[str]) -> None:
        """Raise ValueError if the model has other classes, or the same classes in another order."""
        known = self.model.classes
        if known != tuple(class_names):
            raise ValueError(
                f"{self.networks.folder}: has classes {', '.join(known)}, but the data set has "
                f"{', '.join(class_names)}; choose a model that was trained on these"
            )

    def predictor(self, image: RgbImage, name: str = "") -> Predictor:
        """A predictor that runs the networks on an image (H, W, 3) uint8, or reads the given maps.

        name: the name of the image, by which its given maps are found.
        Raises ValueError for an image without pixels.
        """
        if not image.size:
            raise ValueError("the image has no pixels")
        if self.given is None:
            return self._network_predictor(image)
        return self.given.predictor(
            name, image_size(image), self.config, lambda: self._network_predictor(image)
        )

    def _network_predictor(self, image: RgbImage) -> NetworkPredictor:
        return NetworkPredictor(self.networks, self.config, image)

    def oracle_predictor(self, sample: Sample, parts: Collection[str]) -> Predictor:
        """A predictor of an annotated image that copies some parts of the prediction from the annotation.

        parts: the names of the copied parts, out of ``ORACLE_PARTS``. The networks predict the other parts.
        """
        perfect = AnnotationPredictor(sample, self.config.map_offsets, len(self.model.classes))
        networks = self.predictor(sample.image, sample.name)
        return MixedPredictor(
            semantic_from=perfect if "semantic" in parts else networks,
            affinity_from=perfect if "affinity" in parts else networks,
        )

    def segment(self, predictor: Predictor, backend: str | Backend = "c") -> Segmentation:
        """Segment an image.

        predictor: the predictor of the image, from ``Pipeline.predictor`` or ``Pipeline.oracle_predictor``.
        backend: the backend that merges the graphs, or its name.
        """
        results = [
            each.with_merge_result(merge(each.graph.problem, backend=backend))
            for each in self.graphs(predictor)
        ]
        name = backend if isinstance(backend, str) else backend.name
        return Segmentation(results, name, self.instances(results, predictor.image_size))

    def graphs(self, predictor: Predictor) -> list[RegionGraph]:
        """The regions of an image, each with its prediction and its graph, before the merge."""
        regions = self.find_regions(predictor)
        predictions = [self._predict(predictor, self.region_view(region)) for region in regions]
        masks = graph_masks(regions, predictions, self.config, predictor.image_size)
        return [
            RegionGraph(region, prediction, self.build_region_graph(prediction, mask))
            for region, prediction, mask in zip(regions, predictions, masks, strict=True)
        ]

    def build_region_graph(self, prediction: Prediction, mask: BoolArray) -> Graph:
        """The graph of a region: of those pixels of its prediction that are in ``mask`` (H, W) bool."""
        affinity = apply_refinements(prediction, self.config)
        blocks = force_local_merge(affinity, mask, self.config)
        return build_graph(affinity, mask, blocks, self.config)

    def fill_cache(self, predictor: Predictor) -> None:
        """Run the networks on an image and on its regions, unless the cache holds their logits already.

        Nothing is done if the cache cannot be written: the networks then run when their outputs are needed.
        """
        if not self.networks.cache.is_writable:
            return
        for region in self.find_regions(predictor):
            predictor.prepare(self.region_view(region))

    def find_regions(self, predictor: Predictor) -> list[Region]:
        """The regions of an image, see ``predict_regions``."""
        return predict_regions(predictor, self.whole_image_view(predictor.image_size), self.config)

    def instances(self, results: Sequence[RegionResult], size: Size) -> list[Instance]:
        """The objects in the merged regions of an image of ``size`` (height, width)."""
        return [
            instance
            for result in results
            for instance in region_instances(result, self.config, self.model.classes, size)
        ]

    def region_view(self, region: Region) -> View:
        """The view of a region for the networks, enlarged as configured (section 4.3)."""
        config, size = self.config, region.box.size
        return View(
            region.box,
            enlarged_size(size, config.enlarged_region_height, config.most_enlarged),
            tile=config.tile,
        )

    def whole_image_view(self, size: Size) -> View:
        """The view of a whole image of ``size`` (height, width), in which regions are found."""
        config, box = self.config, Box(0, 0, *size)
        input_size = enlarged_size(size, config.enlarged_image_height, config.most_enlarged)
        return View(box, input_size, tile=config.tile)

    def predict_whole_image(self, predictor: Predictor) -> Prediction:
        """The prediction of a whole image, enlarged if the configuration says so (section 4.3)."""
        return self._predict(predictor, self.whole_image_view(predictor.image_size))

    def _predict(self, predictor: Predictor, view: View) -> Prediction:
        """The prediction of a view, changed by ``own_strategy``."""
        return apply_own_strategy(predict(predictor, view), self.config)

    def image_cache_key(self, image: RgbImage, name: str = "") -> dict[str, str]:
        """The cache key of the prediction of a whole image, and digests of its given maps.

        As long as the key does not change, the predictions of the image's regions do not change either.
        """
        given = {} if self.given is None else self.given.identities(name)
        if self.given is not None and self.given.is_complete:
            return {"image": array_digest(image), **given}
        view = self.whole_image_view(image_size(image))
        return {**self._network_predictor(image).cache_key(view), **given}

    def networks_digest(self, names: Sequence[str]) -> str:
        """SHA-256 (hex) of the weights of the networks, and of the maps that are given for images."""
        if self.given is None:
            return self.networks.model_key["weights"]
        if self.given.is_complete:
            return self.given.digest(names)
        return json_digest([self.networks.model_key["weights"], self.given.digest(names)])

    def networks_label(self, names: Sequence[str]) -> str:
        """The name of the model, and who computed the maps that are given for images."""
        name = self.model.name
        return name if self.given is None else f"{name}{LABEL_SEPARATOR}{self.given.label(names)}"

    def estimate_cache_entry_bytes(self, size: Size) -> int:
        """About how many bytes the cache entry of a whole image of ``size`` (height, width) takes.

        An entry holds float16 logits at the output strides.
        """
        header_bytes, input_size = 2048, self.whole_image_view(size).input_size
        networks = self.model.semantic, self.model.affinity
        return header_bytes + sum(
            2 * network.channels * math.prod(-(-side // stride) for side in input_size)
            for network, stride in zip(networks, self.config.output_strides, strict=True)
        )
