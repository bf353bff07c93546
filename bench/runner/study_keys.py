"""The keys of a study: digests of everything that determines the result of an image, or a record.

A later run reads a saved result or record only if the key is the same; otherwise it measures again.
"""

from collections.abc import Collection
from functools import cached_property
from typing import Any

from bench.datasets import Dataset
from bench.digests import files_digest, json_digest, own_source_files
from bench.methods.all_methods import find_method
from bench.pipeline.own_strategy import OFF
from bench.pipeline.segment import Pipeline
from bench.runner.evaluators import evaluator_version
from bench.runner.input_digests import record_hashes_without_weights
from bench.runner.method_code import MethodCode
from bench.runner.record import Cell
from bench.runner.study import Study, Variant
from merge_impls.machine import describe_machine

MEASURING_MODULE = "bench.runner.image_problems"
"""The module that measures images. A key contains a digest of this module and of all modules it imports."""


class StudyKeys:
    """Computes the keys of a study.

    images: the names of the images. absent: the names of the backends that are not available.
    code: identifies the code of the methods that are not built in.
    """

    def __init__(
        self,
        study: Study,
        dataset: Dataset,
        pipeline: Pipeline,
        images: list[str],
        absent: Collection[str],
        code: MethodCode,
    ) -> None:
        self.study, self.pipeline, self.images = study, pipeline, images
        self._available_backends = [
            name for name in (*study.backends, study.reference) if name not in absent
        ]
        self._dataset, self._code = dataset, code

    @cached_property
    def image_and_weights_digests(self) -> dict[str, dict[str, str]]:
        """For each image, the digests of the image, of the weights of the networks and of given maps."""
        split = self.study.images.split
        return {
            name: self.pipeline.image_cache_key(self._dataset.image(split, name), name)
            for name in self.images
        }

    @cached_property
    def hashes(self) -> dict[str, str]:
        """The entry ``hashes`` of a record: SHA-256 of data, sources and weights, and torch's version."""
        images = [self.image_and_weights_digests[name]["image"] for name in self.images]
        annotation = self._dataset.annotation_files(self.study.images.split, self.images)
        return {
            **record_hashes_without_weights(images, annotation, MEASURING_MODULE),
            "weights": self.pipeline.networks_digest(self.images),
        }

    @cached_property
    def _shared_conditions(self) -> dict[str, Any]:
        study, model = self.study, self.pipeline.model
        return {
            "reference": [study.reference, study.map_reference],
            "baseline": study.baseline,
            "rounds": study.rounds,
            "crop": study.images.crop,
            "sources": [self.hashes["merge_impls"], self.hashes["bench"]],
            "model": [model.classes, model.super_classes, model.stages],
            "enlarging": [model.crop, model.enlarge_to],
            "machine": describe_machine(),
        }

    @property
    def conditions(self) -> str:
        """The entry ``conditions`` of a record: the methods that take turns, their code and the machine.

        It changes if a method turns out to load further code.
        """
        backends = [f"{name} {self._identity(name)}" for name in self._available_backends]
        return json_digest({"backends": backends, **self._shared_conditions})

    def image_result_key(self, image: str, variant: Variant) -> str:
        """The key of the result of an image with a variant."""
        pipeline = self.pipeline.with_config(variant.strategy)
        config = pipeline.config
        numbers = [config.stage_thresholds, config.min_object_pixels, config.output_strides]
        entries: dict[str, Any] = {
            "image": image,
            "maps": self.image_and_weights_digests[image],
            "strategy": variant.strategy.entries(),
            "numbers": numbers,
            "problem_change": variant.problem_change.to_json(),
            "conditions": self.conditions,
        }
        if variant.third_party:
            entries["third_party"] = [variant.third_party, self._identity(variant.third_party)]
        if isinstance(config.own_strategy, str) and config.own_strategy != OFF:
            module = config.own_strategy.partition(":")[0]
            entries["own_strategy"] = files_digest(own_source_files(module))
        if variant.oracle:
            entries["truth"] = [variant.oracle, self.hashes["annotation"]]
        if variant.noise:
            entries["noise"] = variant.noise
        return json_digest(entries)

    def record_inputs(self, cell: Cell, variant: Variant, against: Variant | None = None) -> str:
        """The entry ``inputs`` of a record: of the keys of its images, the annotation and the evaluator.

        against: the variant with which ``variant`` is compared; the keys of its images are included.
        """
        images = [self.image_result_key(image, variant) for image in self.images]
        entries: dict[str, Any] = {
            "images": images,
            "truth": self.hashes["annotation"],
        }
        if against is not None:
            entries["before"] = [self.image_result_key(image, against) for image in self.images]
        entries["version"] = self._identity(cell.backend)
        return json_digest({**entries, "by": evaluator_version(self._dataset)})

    def _identity(self, name: str) -> str:
        return self._code.identity(find_method(name))
