"""An image through the pipeline: regions, predictions, graphs, merges, objects (sections 3 and 4)."""

import math
from collections.abc import Collection, Sequence
from copy import copy
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

from bench.cache import AffinityCache
from bench.pipeline.graph import Graph, build_graph, foreground, graph_mask
from bench.pipeline.instances import (
    instances_from_segments,
    mean_affinities_inside,
    place_in_image,
)
from bench.pipeline.networks import Networks
from bench.pipeline.oracle import (
    ORACLE_PARTS,
    annotated,
    oracle_classes,
    oracle_prediction,
    sample_in_view,
)
from bench.pipeline.prediction import Prediction, RegionPrediction, View
from bench.pipeline.regions import Region, find_regions, resolve_overlaps, whole
from bench.pipeline.resizing import enlarged_size, resize_nearest
from bench.pipeline.resolved_strategy import ResolvedStrategy
from bench.pipeline.strategy import PLAIN, Strategy
from bench.types import Instance, RgbImage, Sample, Size, image_size
from merge_impls import CompleteResult, canonical, merge
from merge_impls.arrays import Float32Array
from models.flip_averaging import averaged, averaged_classes
from models.model_config import ModelConfig


@dataclass(frozen=True)
class Segmentation:
    """A segmented image, with every step on the way.

    region_predictions, graphs, results: one for each region. backend: the name of the one that merged.
    instances: the objects of all regions.
    """

    region_predictions: list[RegionPrediction]
    graphs: list[Graph]
    results: list[CompleteResult]
    backend: str
    instances: list[Instance]


class Pipeline:
    """A model and a strategy, applied to one image at a time; predictions come through a cache.

    strategy: what is done around the merge. device: where the networks run, "cpu", "cuda" or "cuda:N".
    Raises ValueError, one line, for an unknown device or output stride, and if strategy and model do not fit.
    """

    def __init__(
        self,
        model_folder: Path,
        cache: AffinityCache,
        strategy: Strategy = PLAIN,
        device: str = "cpu",
    ) -> None:
        self.networks = Networks(model_folder, cache, device)
        self.strategy = strategy
        self.resolved = ResolvedStrategy.of(self.config, strategy)

    @property
    def config(self) -> ModelConfig:
        """The model's ``model.toml``."""
        return self.networks.config

    def replace(self, **changes: Any) -> Self:
        """The same model with a changed strategy, see :meth:`Strategy.replace`."""
        return self.with_strategy(self.strategy.replace(**changes))

    def with_strategy(self, strategy: Strategy) -> Self:
        """The same model with another strategy."""
        other = copy(self)
        other.strategy, other.resolved = strategy, ResolvedStrategy.of(self.config, strategy)
        return other

    def check_classes(self, class_names: Sequence[str]) -> None:
        """Raise ValueError unless the model's classes are these, in this order."""
        known = self.config.classes
        if known != tuple(class_names):
            raise ValueError(
                f"{self.networks.folder}: knows {', '.join(known)}, the data set {', '.join(class_names)}; "
                "name a model that was trained on it"
            )

    def input_size(self, size: Size, is_whole: bool = False) -> Size:
        """(height, width) to which a box of ``size`` is resized for the networks (section 4.3).

        is_whole: the box is the whole image, in which regions are looked for.
        """
        strategy, height = self.strategy, self.config.enlarge_to
        if strategy.rr and not (is_whole and strategy.roi):
            height = max(self.config.crop, height)
        return enlarged_size(size, height, strategy.most_enlarged)

    def _view(self, region: Region) -> View:
        return View(region.box, self.input_size(region.box.size))

    def _whole_view(self, image: RgbImage) -> View:
        box = whole(image_size(image)).box
        return View(box, self.input_size(box.size, is_whole=True))

    def image_key(self, image: RgbImage) -> dict[str, str]:
        """The cache key of a whole image's prediction. What it names also decides the predictions of all
        regions of the image."""
        semantic, _ = self.networks.entry_strides(self.resolved.strides)
        return self.networks.key(image, self._whole_view(image), semantic)

    def fill(self, image: RgbImage) -> None:
        """Put the logits of an image and of its regions into the cache."""
        views = [self._whole_view(image)]
        if self.strategy.roi:
            views += [self._view(region) for region in self.find_regions(image)]
        for view in views:
            for mirrored in (False, True)[: 2 if self.flips else 1]:
                self.networks.logits(image, replace(view, mirrored=mirrored), self.resolved.strides)

    def cached_bytes(self, size: Size) -> int:
        """The bytes that the cache keeps of a whole image of ``size`` (height, width): float16 logits at
        output stride."""
        names, input_size = 2048, self.input_size(size, is_whole=True)
        both = zip(self.networks.configs, self.resolved.strides, strict=True)
        return names + sum(
            2 * network.channels * math.prod(-(-side // stride) for side in input_size)
            for network, stride in both
        )

    @property
    def flips(self) -> bool:
        """Whether a network is also run on mirrored pictures."""
        return self.strategy.shf or self.strategy.ihf

    def predict(self, image: RgbImage) -> Prediction:
        """Undirected affinities and class probabilities of a whole image (sections 3.2 to 3.4), at its size
        or larger if the model enlarges it (section 4.3)."""
        return self._predict(image, self._whole_view(image))

    def _predict(self, image: RgbImage, view: View) -> Prediction:
        strides = self.resolved.strides
        full = self.networks.probabilities(image, view, strides)
        if self.flips:
            mirror = self.networks.probabilities(image, replace(view, mirrored=True), strides)
            wanted = self.strategy.shf, self.strategy.ihf
            full = averaged(full, mirror, self.config.distances, *wanted)
        affinity, _ = canonical(full.affinity, self.resolved.directions, layout="channels_first")
        return Prediction(affinity, full.semantic).of_picture(view.box.size)

    def classes(self, image: RgbImage) -> Float32Array:
        """The class probabilities of ``predict``, (1 + C, H, W) float32, at a fraction of its time."""
        view, strides = self._whole_view(image), self.resolved.strides
        found = self.networks.classes(image, view, strides)
        if self.strategy.shf:
            mirror = self.networks.classes(image, replace(view, mirrored=True), strides)
            found = averaged_classes(found, mirror)
        return found

    def at_input_size(self, sample: Sample) -> Sample:
        """An annotated image, all of it, at the input size of the networks."""
        return sample_in_view(sample, self._whole_view(sample.image))

    def _oracle_prediction(self, sample: Sample, view: View) -> Prediction:
        seen = sample_in_view(sample, view)
        found = oracle_prediction(seen, self.resolved.offsets, len(self.config.classes))
        return found.of_picture(view.box.size)

    def _predict_with_oracle(
        self, image: RgbImage, view: View, sample: Sample | None, oracle: Collection[str]
    ) -> Prediction:
        """The prediction of a view, its parts ``oracle`` ("affinity", "semantic") as annotated."""
        if not oracle:
            return self._predict(image, view)
        perfect = self._oracle_prediction(annotated(sample), view)
        if set(oracle) == set(ORACLE_PARTS):
            return perfect
        parts = {part: getattr(perfect, part) for part in oracle}
        return replace(self._predict(image, view), **parts)

    def find_regions(
        self, image: RgbImage, sample: Sample | None = None, oracle: Collection[str] = ()
    ) -> list[Region]:
        """The regions of an image (sections 4.1 and 4.5).

        Without the strategy ``roi``, and without foreground, it is one: the whole image.
        """
        everything, strategy = whole(image_size(image)), self.strategy
        if not strategy.roi:
            return [everything]
        if "semantic" in oracle:
            seen = self.at_input_size(annotated(sample))
            classes = oracle_classes(seen, len(self.config.classes))
        else:
            classes = self.classes(image)
        super_class, _ = foreground(classes, self.resolved.settings)
        found = find_regions(
            resize_nearest(super_class, everything.box.size),
            strategy.block,
            strategy.extension,
            strategy.scp,
        )
        return found or [everything]

    def predict_regions(
        self, image: RgbImage, sample: Sample | None = None, oracle: Collection[str] = ()
    ) -> list[RegionPrediction]:
        """Find the regions of an image (H, W, 3) uint8, and predict each of them.

        oracle: which of ``ORACLE_PARTS`` come from the annotated image ``sample`` instead of a network.
        """
        found, claims = [], []
        for region in self.find_regions(image, sample, oracle):
            prediction = self._predict_with_oracle(image, self._view(region), sample, oracle)
            super_class, probability = foreground(prediction.semantic, self.resolved.settings)
            mask = graph_mask(region, super_class, self.strategy.mask)
            found.append(RegionPrediction(region, prediction, mask))
            original = prediction.original_size
            own = resize_nearest(mask, original), resize_nearest(probability, original)
            claims.append((region.box, *own))
        if not self.strategy.scp:
            return found
        kept = resolve_overlaps(image_size(image), claims)
        return [
            replace(one, mask=one.mask & resize_nearest(own, one.prediction.size))
            for one, own in zip(found, kept, strict=True)
        ]

    def graph(self, region_prediction: RegionPrediction) -> Graph:
        """The graph of a region, to be merged down to the strategy's thresholds."""
        return build_graph(
            region_prediction.prediction,
            self.resolved.settings,
            self.strategy,
            self.resolved.thresholds,
            region_prediction.mask,
        )

    def instances(
        self,
        size: Size,
        region_predictions: Sequence[RegionPrediction],
        graphs: Sequence[Graph],
        results: Sequence[CompleteResult],
    ) -> list[Instance]:
        """The objects in the merges' results, in an image of ``size`` (height, width)."""
        steps = zip(region_predictions, graphs, results, strict=True)
        return [
            place_in_image(instance, region_prediction.region.box.slices, size)
            for region_prediction, graph, result in steps
            for instance in self._region_instances(region_prediction.prediction, graph, result)
        ]

    def _region_instances(
        self, prediction: Prediction, graph: Graph, result: CompleteResult
    ) -> list[Instance]:
        """The objects of a region, at its size in the image.

        From an enlarged prediction they come back by nearest neighbour, and r_c counts pixels of the image.
        """
        labels, scores, settings = graph.labels(result), result.confidences, self.resolved.settings
        if self.strategy.score == "affinity":
            affinity = prediction.affinity[list(settings.channels)]
            scores = mean_affinities_inside(labels, affinity, settings.offsets, len(scores))
        return instances_from_segments(
            resize_nearest(labels, prediction.original_size),
            scores,
            resize_nearest(prediction.semantic, prediction.original_size),
            self.config.classes,
            self.resolved.min_object_pixels,
            self.strategy.labels == "several",
        )

    def segment(
        self,
        image: RgbImage,
        backend: str = "c",
        sample: Sample | None = None,
        oracle: Collection[str] = (),
    ) -> Segmentation:
        """Segment an image (H, W, 3) uint8; raises ValueError for one without pixels.

        sample, oracle: see :meth:`predict_regions`.
        """
        if not image.size:
            raise ValueError("the image has no pixels")
        region_predictions = self.predict_regions(image, sample, oracle)
        graphs = [self.graph(region_prediction) for region_prediction in region_predictions]
        results = [merge(graph.problem, backend=backend) for graph in graphs]
        instances = self.instances(image_size(image), region_predictions, graphs, results)
        return Segmentation(region_predictions, graphs, results, backend, instances)
