"""The road of one image: networks (cached), maps, problem, and, after a merge, instances."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from importlib.metadata import version
from pathlib import Path

import numpy as np

import models
from bench.cache import AffinityCache
from bench.digests import array_digest, files_digest
from bench.instances import instances_from_segments
from bench.problem.build import GraphSettings, Maps, build_problem
from bench.problem.truth import true_maps
from bench.regions import Region, enlarged, enlarged_size, sampled, whole_image
from bench.types import Instance, Sample
from merge_impls import MergeProblem, MergeResult, merge
from merge_impls.directions import canonical, canonical_offsets
from models.affinities import channel_offsets
from models.config import ModelConfig, read_config
from models.devices import device_named
from models.flips import averaged
from models.folder import Model, load_model, weights_digest
from models.inference import Logits, Probabilities, infer, probabilities

INFERENCE_SOURCES = [
    Path(models.__file__).parent / f"{module}.py"
    for module in (
        "affinities",
        "config",
        "deeplabv3",
        "devices",
        "encoder",
        "folder",
        "inference",
        "normalisation",
        "tiles",
    )
]
"""What decides the networks' answers beside weights and image: a change there is another cache key."""


@dataclass(frozen=True)
class Flips:
    """Which networks are asked about the mirrored image, too (section 5.3)."""

    semantic: bool = False
    affinity: bool = False


NO_FLIPS = Flips()


@dataclass(frozen=True)
class Segmented:
    """One image, segmented, with every step on the way.

    maps: class scores and affinities at working size; problem: the graph; result: labels, confidences and
    history of its merge; backend: who merged; instances: the objects.
    """

    maps: Maps
    problem: MergeProblem
    result: MergeResult
    backend: str
    instances: list[Instance]


class Pipeline:
    """A model folder and a cache, and everything that depends on them for one image at a time.

    output_stride: that of both networks, in place of the model's own; device: where they run, "cpu", "cuda"
    or "cuda:N". Raises ValueError, one line, for those that there are not.
    """

    def __init__(
        self,
        model_folder: Path,
        cache: AffinityCache,
        output_stride: int | None = None,
        device: str = "cpu",
    ) -> None:
        self.folder, self.cache = model_folder, cache
        self.output_stride, self.device = output_stride, device_named(device)
        self.config: ModelConfig = read_config(model_folder / "model.toml")
        self.networks = [self.config.semantic, self.config.affinity]
        if output_stride is not None:
            self.networks = [network.at_stride(output_stride) for network in self.networks]
        self.directions = channel_offsets(self.config.distances)
        self.settings = GraphSettings(
            offsets=[tuple(offset) for offset in canonical_offsets(self.directions).tolist()],
            stages=[
                stage
                for stage, distances in enumerate(self.config.stages)
                for _ in range(4 * len(distances))
            ],
            groups=[
                [1 + self.config.classes.index(name) for name in group]
                for group in self.config.super_classes
            ],
        )

    def check_classes(self, class_names: Sequence[str]) -> None:
        """Raise ValueError unless the model's classes are these, in this order."""
        known = self.config.classes
        if known != tuple(class_names):
            raise ValueError(
                f"{self.folder}: knows {', '.join(known)}, the data set {', '.join(class_names)}; name a "
                "model that was trained on it"
            )

    @cached_property
    def model(self) -> Model:
        """Both networks, loaded when the cache first lacks something."""
        return load_model(self.folder, str(self.device))

    @cached_property
    def model_key(self) -> dict[str, str]:
        """What decides the networks' answers beside image and region: the part of a cache key they share."""
        config = self.config
        return {
            "weights": weights_digest(self.folder),
            "networks": f"{config.semantic} {config.affinity}",
            "preprocessing": f"mean {config.mean} std {config.std} stretch {config.stretch}",
            "sources": files_digest(INFERENCE_SOURCES),
            "torch": version("torch"),
            **self._run_key(),
        }

    def _run_key(self) -> dict[str, str]:
        """What is not as the model has it, and only that: the keys of who runs it as it is stay as they were,
        and ``bench cache`` knows the entries of both for the same model's."""
        key = {}
        if self.networks != [self.config.semantic, self.config.affinity]:
            key["output stride"] = str(self.output_stride)
        if self.device.type != "cpu":
            key["device"] = self.device.type  # other kernels, other last bits
        return key

    def cache_key(self, image: np.ndarray, region: Region) -> dict[str, str]:
        """Everything that decides what the networks answer for ``region`` of ``image``."""
        return {**self.model_key, "image": array_digest(image), "region": str(region)}

    def image_key(self, image: np.ndarray) -> dict[str, str]:
        """The cache key of a whole image."""
        return self.cache_key(*self._seen(image))

    def working_size(self, size: tuple[int, int]) -> tuple[int, int]:
        """(height, width) at which an image of ``size`` is segmented: the model may want it enlarged."""
        return enlarged_size(size, self.config.enlarge_to)

    def _seen(self, image: np.ndarray) -> tuple[np.ndarray, Region]:
        """What the networks see of an image, enlarged if need be, and the whole of it as a region."""
        seen = enlarged(image, self.working_size(image.shape[:2]))
        (region,) = whole_image(seen.shape[:2])
        return seen, region

    def fill(self, image: np.ndarray) -> None:
        """Put into the cache what both networks say of an image."""
        self.logits(*self._seen(image))

    def cached_bytes(self, size: tuple[int, int]) -> int:
        """What the cache keeps of an image of ``size`` (height, width): float16 at output stride."""
        names, seen = 2048, self.working_size(size)
        return names + sum(
            2 * network.channels * math.prod(-(-side // network.output_stride) for side in seen)
            for network in self.networks
        )

    def logits(self, image: np.ndarray, region: Region) -> Logits:
        """What both networks say of a region of ``image`` (H, W, 3) uint8; from the cache if it is there."""

        def compute() -> dict[str, np.ndarray]:
            return vars(infer(self.model, image[region.window], self.output_stride))

        return Logits(**self.cache.fetch(self.cache_key(image, region), compute))

    def maps(self, image: np.ndarray, flips: Flips = NO_FLIPS) -> Maps:
        """Undirected affinities and class probabilities of an image at full size (sections 3.2 to 3.4), or
        at its working size where the model wants it larger (section 4.3).

        flips: which networks are asked about the mirrored image, too; theirs is the mean of both answers.
        """
        full = self._probabilities(image)
        if flips.semantic or flips.affinity:
            mirror = self._probabilities(np.ascontiguousarray(image[:, ::-1]))
            full = averaged(full, mirror, self.config.distances, flips.semantic, flips.affinity)
        affinity, _ = canonical(full.affinity, self.directions, layout="channels_first")
        return self._of_picture(Maps(affinity, full.semantic), image.shape[:2])

    def _probabilities(self, image: np.ndarray) -> Probabilities:
        seen, region = self._seen(image)
        return probabilities(self.logits(seen, region), region.size)

    def _of_picture(self, maps: Maps, size: tuple[int, int]) -> Maps:
        return maps if maps.semantic.shape[1:] == size else replace(maps, picture=size)

    def true_maps(self, sample: Sample) -> Maps:
        """What perfect networks would have given for an annotated image."""
        own = sample.semantic.shape
        size = self.working_size(own)
        labels = {name: sampled(getattr(sample, name), size) for name in ("semantic", "instances")}
        seen = replace(sample, **labels)
        found = true_maps(seen, self.settings.offsets, len(self.config.classes))
        return self._of_picture(found, own)

    def at_picture_size(self, maps: Maps) -> Maps:
        """Maps as large as their picture, by nearest neighbour: to look at, not to merge, as the
        affinities still look as many pixels of the enlarged picture away."""
        if maps.picture is None:
            return maps
        return Maps(sampled(maps.affinity, maps.picture), sampled(maps.semantic, maps.picture))

    def problem(
        self, maps: Maps, linkage: str, thresholds: Sequence[float] | None = None
    ) -> MergeProblem:
        """The graph to merge, with the model's thresholds for ``linkage`` unless others are given."""
        chosen = self.config.numbers(linkage).thresholds if thresholds is None else thresholds
        return build_problem(maps, self.settings, chosen, linkage)

    def instances(
        self, maps: Maps, result: MergeResult, linkage: str, min_pixels: int | None = None
    ) -> list[Instance]:
        """The objects in a merge's result, with the model's r_c for ``linkage`` unless another is given.

        They are as large as the picture: from an enlarged one they come back by nearest neighbour.
        """
        smallest = self.config.numbers(linkage).min_pixels if min_pixels is None else min_pixels
        size = maps.picture or maps.semantic.shape[1:]
        return instances_from_segments(
            sampled(result.labels, size),
            result.confidences,
            sampled(maps.semantic, size),
            self.config.classes,
            smallest,
        )

    def segment(
        self, image: np.ndarray, linkage: str, backend: str = "c", flips: Flips = NO_FLIPS
    ) -> Segmented:
        """The whole road of an image (H, W, 3) uint8; raises ValueError for one without pixels."""
        if not image.size:
            raise ValueError("the image has no pixels")
        maps = self.maps(image, flips)
        problem = self.problem(maps, linkage)
        result = merge(problem, backend=backend)
        return Segmented(maps, problem, result, backend, self.instances(maps, result, linkage))
