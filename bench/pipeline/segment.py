"""The road of one image: regions, networks (cached), maps, graphs, and, after a merge, instances."""

import math
from collections.abc import Collection, Sequence
from copy import copy
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

import numpy as np

from bench.cache import AffinityCache
from bench.pipeline.graph import Graph, build_graph, foreground
from bench.pipeline.instances import instances_from_segments, mean_affinities_inside, placed
from bench.pipeline.networks import Networks
from bench.pipeline.oracle import oracle_classes, oracle_prediction
from bench.pipeline.prediction import Prediction, RegionPrediction, View
from bench.pipeline.regions import Box, Region, find_regions, resolve_overlaps, whole
from bench.pipeline.resizing import enlarged_size, resize_nearest
from bench.pipeline.resolved_strategy import ResolvedStrategy
from bench.pipeline.strategy import PLAIN, Strategy
from bench.types import Instance, Sample
from merge_impls import MergeResult, canonical, merge
from models.flip_averaging import averaged, averaged_classes
from models.inference import Probabilities
from models.model_config import ModelConfig

ORACLE_PARTS = ("affinity", "semantic")
"""What can be taken from the annotation in place of a network."""


@dataclass(frozen=True)
class Segmentation:
    """One image, segmented, with every step on the way.

    region_predictions, graphs, results: of each region; backend: who merged; instances: the objects of all.
    """

    region_predictions: list[RegionPrediction]
    graphs: list[Graph]
    results: list[MergeResult]
    backend: str
    instances: list[Instance]


class Pipeline:
    """A model folder and a cache, and everything that depends on them for one image at a time.

    strategy: what is done around the merge; device: where the networks run, "cpu", "cuda" or "cuda:N". Raises
    ValueError, one line, for a device or output stride that there is not, and for thresholds that do not fit.
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
        """The same model with another strategy, see :meth:`Strategy.replace`."""
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

    def input_size(self, size: tuple[int, int], is_whole: bool = False) -> tuple[int, int]:
        """(height, width) at which what is of ``size`` is looked at (section 4.3).

        is_whole: it is the whole image, in which areas are looked for.
        """
        strategy, height = self.strategy, self.config.enlarge_to
        if strategy.rr and not (is_whole and strategy.roi):
            height = max(self.config.crop, height)
        return enlarged_size(size, height, strategy.most_enlarged)

    def _whole(self, image: np.ndarray) -> tuple[Box, tuple[int, int]]:
        box = whole(image.shape[:2]).box
        return box, self.input_size(box.size, is_whole=True)

    def image_key(self, image: np.ndarray) -> dict[str, str]:
        """The cache key of what the networks say of a whole image: what their answers for all of its regions
        depend on, too."""
        semantic, _ = self.networks.passes(self.resolved.strides)
        return self.networks.key(image, View(*self._whole(image)), semantic)

    def fill(self, image: np.ndarray) -> None:
        """Put into the cache what both networks say of an image and of its regions."""
        for box, input_size in self._views(image):
            for mirrored in (False, True)[: 2 if self.flips else 1]:
                self.networks.logits(image, View(box, input_size, mirrored), self.resolved.strides)

    def _views(self, image: np.ndarray) -> list[tuple[Box, tuple[int, int]]]:
        found = [self._whole(image)]
        if self.strategy.roi:
            boxes = [region.box for region in self.find_regions(image)]
            found += [(box, self.input_size(box.size)) for box in boxes]
        return found

    def cached_bytes(self, size: tuple[int, int]) -> int:
        """What the cache keeps of a whole image of ``size`` (height, width): float16 at output stride."""
        names, input_size = 2048, self.input_size(size, is_whole=True)
        both = zip(self.networks.configs, self.resolved.strides, strict=True)
        return names + sum(
            2 * network.channels * math.prod(-(-side // stride) for side in input_size)
            for network, stride in both
        )

    @property
    def flips(self) -> bool:
        """Whether any network is asked about mirrored images."""
        return self.strategy.shf or self.strategy.ihf

    def predict(self, image: np.ndarray) -> Prediction:
        """Undirected affinities and class probabilities of a whole image (sections 3.2 to 3.4), at full
        size, or at the size at which it is seen where the model wants it larger (section 4.3)."""
        return self._predict(image, *self._whole(image))

    def _predict(self, image: np.ndarray, box: Box, input_size: tuple[int, int]) -> Prediction:
        full = self._probabilities(image, View(box, input_size))
        if self.flips:
            mirror = self._probabilities(image, View(box, input_size, mirrored=True))
            wanted = self.strategy.shf, self.strategy.ihf
            full = averaged(full, mirror, self.config.distances, *wanted)
        affinity, _ = canonical(full.affinity, self.resolved.directions, layout="channels_first")
        return _with_original_size(Prediction(affinity, full.semantic), box.size)

    def classes(self, image: np.ndarray) -> np.ndarray:
        """The class probabilities of ``predict`` alone, (1 + C, H, W) float32: they cost a fraction of it."""
        box, input_size = self._whole(image)
        found = self.networks.classes(image, View(box, input_size), self.resolved.strides)
        if self.strategy.shf:
            mirrored = View(box, input_size, mirrored=True)
            mirror = self.networks.classes(image, mirrored, self.resolved.strides)
            found = averaged_classes(found, mirror)
        return found

    def _probabilities(self, image: np.ndarray, view: View) -> Probabilities:
        return self.networks.probabilities(image, view, self.resolved.strides)

    def oracle_prediction(self, sample: Sample) -> Prediction:
        """What perfect networks would have said of a whole annotated image."""
        return self._oracle_prediction(sample, *self._whole(sample.image))

    def at_input_size(self, sample: Sample) -> Sample:
        """An annotated image, all of it, as large as the networks see it."""
        return _sample_of(sample, *self._whole(sample.image))

    def _oracle_prediction(
        self, sample: Sample, box: Box, input_size: tuple[int, int]
    ) -> Prediction:
        there = _sample_of(sample, box, input_size)
        found = oracle_prediction(there, self.resolved.offsets, len(self.config.classes))
        return _with_original_size(found, box.size)

    def at_original_size(self, prediction: Prediction) -> Prediction:
        """Maps as large as their picture, by nearest neighbour: to look at, not to merge, as the
        affinities still look as many pixels of the enlarged picture away."""
        if prediction.enlarged_from is None:
            return prediction
        return Prediction(
            resize_nearest(prediction.affinity, prediction.enlarged_from),
            resize_nearest(prediction.semantic, prediction.enlarged_from),
        )

    def _mixed(
        self,
        image: np.ndarray,
        sample: Sample | None,
        oracle: Collection[str],
        where: tuple[Box, tuple[int, int]],
    ) -> Prediction:
        """The networks' maps of a region, ``oracle`` of them ("affinity", "semantic") as annotated."""
        if not oracle:
            return self._predict(image, *where)
        annotated = self._oracle_prediction(sample, *where)
        if set(oracle) == set(ORACLE_PARTS):
            return annotated
        own = self._predict(image, *where)
        return replace(own, **{part: getattr(annotated, part) for part in oracle})

    def find_regions(
        self, image: np.ndarray, sample: Sample | None = None, oracle: Collection[str] = ()
    ) -> list[Region]:
        """The regions of an image (sections 4.1 and 4.5): one, the whole, without ROIs or foreground."""
        everything = whole(image.shape[:2])
        strategy = self.strategy
        if not strategy.roi:
            return [everything]
        if "semantic" in oracle:
            classes = oracle_classes(self.at_input_size(sample), len(self.config.classes))
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
        self, image: np.ndarray, sample: Sample | None = None, oracle: Collection[str] = ()
    ) -> list[RegionPrediction]:
        """The regions of an image (H, W, 3) uint8, looked at.

        oracle: which of ``ORACLE_PARTS`` come from the annotation ``sample`` instead of from a network.
        """
        found, claims = [], []
        for region in self.find_regions(image, sample, oracle):
            where = region.box, self.input_size(region.box.size)
            prediction = self._mixed(image, sample, oracle, where)
            super_class, sure = foreground(prediction.semantic, self.resolved.settings)
            own = self._own_pixels(region, super_class)
            found.append(RegionPrediction(region, prediction, own))
            claims.append(
                (
                    region.box,
                    resize_nearest(own, prediction.original_size),
                    resize_nearest(sure, prediction.original_size),
                )
            )
        if not self.strategy.scp:
            return found
        kept = resolve_overlaps(image.shape[:2], claims)
        return [
            replace(
                region_prediction,
                mask=region_prediction.mask & resize_nearest(own, region_prediction.mask.shape),
            )
            for region_prediction, own in zip(found, kept, strict=True)
        ]

    def _own_pixels(self, region: Region, super_class: np.ndarray) -> np.ndarray:
        """(H, W) bool: an area's pixels, of its super-class if it has one, and else foreground if the
        background is left out."""
        own = resize_nearest(region.pixels, super_class.shape)
        if region.super_class:
            return own & (super_class == region.super_class)
        return own & (super_class > 0) if self.strategy.mask else own

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
        size: tuple[int, int],
        region_predictions: Sequence[RegionPrediction],
        graphs: Sequence[Graph],
        results: Sequence[MergeResult],
    ) -> list[Instance]:
        """The objects in the merges' results, in an image of ``size`` (height, width).

        From an enlarged region they come back by nearest neighbour; they are kept if they have more than r_c
        pixels of the image itself.
        """
        found = []
        for region_prediction, graph, result in zip(
            region_predictions, graphs, results, strict=True
        ):
            labels, prediction = graph.labels(result), region_prediction.prediction
            scores = result.confidences
            if self.strategy.score == "affinity":
                affinity = prediction.affinity[self.resolved.settings.channels]
                scores = mean_affinities_inside(
                    labels, affinity, self.resolved.settings.offsets, len(scores)
                )
            own = instances_from_segments(
                resize_nearest(labels, prediction.original_size),
                scores,
                resize_nearest(prediction.semantic, prediction.original_size),
                self.config.classes,
                self.resolved.min_object_pixels,
                self.strategy.labels == "several",
            )
            window = region_prediction.region.box.slices
            found += [placed(instance, window, size) for instance in own]
        return found

    def segment(
        self,
        image: np.ndarray,
        backend: str = "c",
        sample: Sample | None = None,
        oracle: Collection[str] = (),
    ) -> Segmentation:
        """The whole road of an image (H, W, 3) uint8; raises ValueError for one without pixels.

        oracle: see :meth:`predict_regions`.
        """
        if not image.size:
            raise ValueError("the image has no pixels")
        region_predictions = self.predict_regions(image, sample, oracle)
        graphs = [self.graph(region_prediction) for region_prediction in region_predictions]
        results = [merge(graph.problem, backend=backend) for graph in graphs]
        instances = self.instances(image.shape[:2], region_predictions, graphs, results)
        return Segmentation(region_predictions, graphs, results, backend, instances)


def _sample_of(sample: Sample, box: Box, input_size: tuple[int, int]) -> Sample:
    labels = {
        name: resize_nearest(getattr(sample, name)[box.slices], input_size)
        for name in ("semantic", "instances")
    }
    return replace(sample, image=View(box, input_size).network_input(sample.image), **labels)


def _with_original_size(prediction: Prediction, size: tuple[int, int]) -> Prediction:
    return (
        prediction
        if prediction.semantic.shape[1:] == size
        else replace(prediction, enlarged_from=size)
    )
