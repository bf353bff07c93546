"""Keys of a study: digests of everything that determines the result of an image, or a record.

A later run reads a result or a record only if its key is unchanged.
"""

from collections.abc import Collection
from functools import cached_property
from typing import Any

from bench.datasets import Dataset
from bench.digests import json_digest
from bench.methods.all_methods import find_method
from bench.pipeline.segment import Pipeline
from bench.runner.evaluators import evaluator_version
from bench.runner.record import Cell
from bench.runner.source_digests import origin
from bench.runner.study import Study, Variant
from merge_impls.machine import describe_machine

MEASURES = "bench.runner.image_problems"
"""The module that measures images. Its sources and those that it imports are part of the keys."""


class Keys:
    """The keys of one study on ``images``. ``absent``: names of backends that are not available."""

    def __init__(
        self,
        study: Study,
        dataset: Dataset,
        pipeline: Pipeline,
        images: list[str],
        absent: Collection[str],
    ) -> None:
        self.study, self.pipeline, self.images = study, pipeline, images
        self._present = [name for name in (*study.backends, study.reference) if name not in absent]
        self._dataset = dataset

    @cached_property
    def maps(self) -> dict[str, dict[str, str]]:
        """By image: the digests that decide the networks' predictions for it."""
        split = self.study.images.split
        return {
            name: self.pipeline.image_key(self._dataset.image(split, name)) for name in self.images
        }

    @cached_property
    def hashes(self) -> dict[str, str]:
        """The entry ``hashes`` of a record: SHA-256 of data and sources, and torch's version."""
        images = [self.maps[name]["image"] for name in self.images]
        annotation = self._dataset.annotation_files(self.study.images.split, self.images)
        return {
            **origin(images, annotation, MEASURES),
            "weights": next(iter(self.maps.values()))["weights"],
        }

    @cached_property
    def _conditions(self) -> dict[str, Any]:
        study, model = self.study, self.pipeline.model
        return {
            "backends": [f"{name} {find_method(name).version}" for name in self._present],
            "reference": [study.reference, study.map_reference],
            "rounds": study.rounds,
            "crop": study.images.crop,
            "sources": [self.hashes["merge_impls"], self.hashes["bench"]],
            "model": [model.classes, model.super_classes, model.stages],
            "enlarging": [model.crop, model.enlarge_to],
            "machine": describe_machine(),
        }

    def of_image(self, image: str, variant: Variant) -> str:
        """The key of the result of one image with one variant."""
        pipeline = self.pipeline.with_config(variant.strategy)
        config = pipeline.config
        numbers = [config.stage_thresholds, config.min_object_pixels, config.strides]
        own: dict[str, Any] = {
            "image": image,
            "maps": self.maps[image],
            "strategy": variant.strategy.entries(),
            "numbers": numbers,
        }
        if variant.third_party:
            own["third_party"] = [variant.third_party, find_method(variant.third_party).version]
        if variant.oracle:
            own["truth"] = [variant.oracle, self.hashes["annotation"]]
        if variant.noise:
            own["noise"] = variant.noise
        return json_digest({**own, **self._conditions})

    def of_record(self, cell: Cell, variant: Variant, before: Variant | None = None) -> str:
        """The key of a record: of its images' results, those of the variant ``before`` with which it is
        compared, the annotation and the evaluator."""
        images = [self.of_image(image, variant) for image in self.images]
        own: dict[str, Any] = {
            "cell": cell.to_json(),
            "images": images,
            "truth": self.hashes["annotation"],
        }
        if before is not None:
            own["before"] = [self.of_image(image, before) for image in self.images]
        own["version"] = find_method(cell.backend).version
        return json_digest({**own, "by": evaluator_version(self._dataset)})
