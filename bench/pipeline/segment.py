"""Segments an image: finds regions, predicts, builds and merges graphs, finds objects (sections 3 and 4)."""

import math
from collections.abc import Collection, Sequence
from copy import copy
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from bench.cache import AffinityCache
from bench.pipeline.cached_networks import CachedNetworks, NetworkPredictor
from bench.pipeline.config import PLAIN, PipelineConfig
from bench.pipeline.foreground import graph_masks
from bench.pipeline.graph import Graph, RegionGraph, RegionResult, build_graph
from bench.pipeline.instances import region_instances
from bench.pipeline.local_merge import merge_blocks
from bench.pipeline.oracle import AnnotationPredictor
from bench.pipeline.prediction import Prediction, predict
from bench.pipeline.predictor import MixedPredictor, Predictor
from bench.pipeline.refinement import apply_refinements
from bench.pipeline.regions import Region, image_regions
from bench.pipeline.resizing import enlarged_size
from bench.pipeline.view import Box, View
from bench.types import Instance, RgbImage, Sample, Size
from merge_impls import Backend, merge
from merge_impls.arrays import BoolArray
from models.model_config import ModelConfig


@dataclass(frozen=True)
class Segmentation:
    """A segmented image: its regions with every step on the way, and the objects found in all of them.

    backend: the name of the one that merged.
    """

    regions: list[RegionResult]
    backend: str
    instances: list[Instance]


class Pipeline:
    """A model and a configuration, applied to one image at a time; answers of networks come through a cache.

    device: where the networks run, "cpu", "cuda" or "cuda:N".
    Raises ValueError, one line, for an unknown device or output stride, and if configuration and model do not
    fit.
    """

    def __init__(
        self,
        model_folder: Path,
        cache: AffinityCache,
        config: PipelineConfig = PLAIN,
        device: str = "cpu",
    ) -> None:
        self.networks = CachedNetworks(model_folder, cache, device)
        self.config = config.for_model(self.model)

    @property
    def model(self) -> ModelConfig:
        """The model's ``model.toml``."""
        return self.networks.config

    def replace(self, **changes: Any) -> Self:
        """The same model with a changed configuration, see :meth:`PipelineConfig.replace`."""
        return self.with_config(self.config.replace(**changes))

    def with_config(self, config: PipelineConfig) -> Self:
        """The same model with another configuration."""
        other = copy(self)
        other.config = config.for_model(self.model)
        return other

    def check_classes(self, class_names: Sequence[str]) -> None:
        """Raise ValueError unless the model's classes are these, in this order."""
        known = self.model.classes
        if known != tuple(class_names):
            raise ValueError(
                f"{self.networks.folder}: knows {', '.join(known)}, the data set {', '.join(class_names)}; "
                "name a model that was trained on it"
            )

    def predictor(self, image: RgbImage) -> NetworkPredictor:
        """The networks' predictions of an image (H, W, 3) uint8; raises ValueError for one without pixels."""
        if not image.size:
            raise ValueError("the image has no pixels")
        return NetworkPredictor(self.networks, self.config, image)

    def oracle(self, sample: Sample, parts: Collection[str]) -> Predictor:
        """A predictor of an annotated image that copies ``parts`` from the annotation.

        parts: some of ``ORACLE_PARTS``; the networks predict the others.
        """
        perfect = AnnotationPredictor(sample, self.config.map_offsets, len(self.model.classes))
        networks = self.predictor(sample.image)
        return MixedPredictor(
            semantic_from=perfect if "semantic" in parts else networks,
            affinity_from=perfect if "affinity" in parts else networks,
        )

    def segment(self, predictor: Predictor, backend: str | Backend = "c") -> Segmentation:
        """Segment an image, given its predictor from ``predictor`` or ``oracle``."""
        results = [
            each.with_merge_result(merge(each.graph.problem, backend=backend))
            for each in self.graphs(predictor)
        ]
        name = backend if isinstance(backend, str) else backend.name
        return Segmentation(results, name, self.instances(results, predictor.size))

    def graphs(self, predictor: Predictor) -> list[RegionGraph]:
        """The regions of an image, each with its prediction and the graph that is to be merged."""
        regions = self.find_regions(predictor)
        predictions = [predict(predictor, self.view(region)) for region in regions]
        masks = graph_masks(regions, predictions, self.config, predictor.size)
        return [
            RegionGraph(region, prediction, self.graph(prediction, mask))
            for region, prediction, mask in zip(regions, predictions, masks, strict=True)
        ]

    def graph(self, prediction: Prediction, mask: BoolArray) -> Graph:
        """The graph of the pixels in ``mask`` (H, W) bool of the prediction of a region."""
        affinity = apply_refinements(prediction, self.config)
        blocks = merge_blocks(affinity, mask, self.config)
        return build_graph(affinity, mask, blocks, self.config)

    def fill_cache(self, predictor: Predictor) -> None:
        """Run the networks on an image and its regions, where the cache lacks their answers."""
        for region in self.find_regions(predictor):
            predictor.prepare(self.view(region))

    def find_regions(self, predictor: Predictor) -> list[Region]:
        """The regions of an image, see ``image_regions``."""
        return image_regions(predictor, self.whole_image_view(predictor.size), self.config)

    def instances(self, results: Sequence[RegionResult], size: Size) -> list[Instance]:
        """The objects in the merged regions of an image of ``size`` (height, width)."""
        return [
            instance
            for result in results
            for instance in region_instances(result, self.config, self.model.classes, size)
        ]

    def view(self, region: Region) -> View:
        """The input of the networks for a region, enlarged as configured (section 4.3)."""
        config, size = self.config, region.box.size
        return View(
            region.box, enlarged_size(size, config.enlarged_region_height, config.most_enlarged)
        )

    def whole_image_view(self, size: Size) -> View:
        """The input of the networks for a whole image of ``size`` (height, width), to find its regions."""
        config, box = self.config, Box(0, 0, *size)
        return View(box, enlarged_size(size, config.enlarged_image_height, config.most_enlarged))

    def predict_whole(self, predictor: Predictor) -> Prediction:
        """The prediction of a whole image, at its size or larger if the model enlarges it (section 4.3)."""
        return predict(predictor, self.whole_image_view(predictor.size))

    def image_key(self, image: RgbImage) -> dict[str, str]:
        """The cache key of a whole image's prediction. If it is unchanged, so are the predictions of all its
        regions."""
        predictor = self.predictor(image)
        return predictor.key(self.whole_image_view(predictor.size))

    def cached_bytes(self, size: Size) -> int:
        """The bytes of the cache entry of a whole image of ``size`` (height, width): float16 logits at output
        stride."""
        names, input_size = 2048, self.whole_image_view(size).input_size
        networks = self.model.semantic, self.model.affinity
        return names + sum(
            2 * network.channels * math.prod(-(-side // stride) for side in input_size)
            for network, stride in zip(networks, self.config.strides, strict=True)
        )
