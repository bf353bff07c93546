"""The pictures in the report of a study: a grid of images, and the worst failures (as in Fig. 8)."""

from collections.abc import Collection, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import numpy as np
import numpy.typing as npt

from bench.datasets import Dataset
from bench.pipeline.oracle import sample_in_view
from bench.pipeline.prediction import Prediction
from bench.pipeline.resizing import resize_nearest
from bench.report.failure_gallery.failures import find_failures, worst_failures_of_each_kind
from bench.report.failure_gallery.gallery import draw_failures
from bench.report.pictures.segmentation_grid import SegmentationGridRow, draw_segmentation_grid
from bench.runner.image_results import ImageResult, ImageResults
from bench.runner.study import Study, Variant
from bench.runner.variant_predictor import variant_predictor
from bench.types import Instance, Sample, image_size, label_map
from merge_impls.fixed_point_affinities import ONE

if TYPE_CHECKING:
    from bench.pipeline.config import PipelineConfig
    from bench.pipeline.segment import Pipeline

GRID, FAILURES = PICTURES = "pictures.png", "failures.png"
"""The file names of the pictures."""

Item = TypeVar("Item")


def draw_study_pictures(
    folder: Path,
    study: Study,
    found: ImageResults,
    pipeline: "Pipeline",
    dataset: Dataset,
    pictures: Collection[str] = PICTURES,
) -> None:
    """Draw the picture grid of a study, and its worst failures.

    The grid has ``study.pictures`` images, evenly spread over the split. Both pictures show the results of
    ``shown_variant(study)``. pictures: which of ``PICTURES`` to draw; the old ones are removed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for picture in pictures:
        (folder / picture).unlink(missing_ok=True)  # it may belong to an earlier run
    if not study.pictures:
        return
    variant = shown_variant(study)
    results, own = found[variant], pipeline.with_config(variant.strategy)
    if GRID in pictures:
        shown = evenly_spread_items(results, study.pictures)
        rows = [
            _predict_grid_row(result, own, variant, dataset, study.images.split) for result in shown
        ]
        draw_segmentation_grid(rows, dataset.class_names, folder / GRID)
    if FAILURES in pictures:
        draw_worst_failures(folder / FAILURES, results, own, dataset, study.images.split, count=2)


def _predict_grid_row(
    result: ImageResult, pipeline: "Pipeline", variant: Variant, dataset: Dataset, split: str
) -> SegmentationGridRow:
    """The row of one image in the grid, with the predictions of the networks that the variant uses."""
    sample = dataset.load(split, result.image)
    predictor = variant_predictor(pipeline, variant, sample.name, sample.image, lambda: sample)
    prediction = pipeline.predict_whole_image(predictor).at_original_size()
    return segmentation_grid_row(sample, prediction, result.instances)


def segment_again_and_draw_pictures(
    folder: Path,
    study: Study,
    names: Sequence[str],
    pipeline: "Pipeline",
    dataset: Dataset,
    pictures: Collection[str] = PICTURES,
) -> None:
    """Segment the images ``names`` again, and draw the pictures as in ``draw_study_pictures``."""
    variant = shown_variant(study)
    own = pipeline.with_config(variant.strategy)
    results = []
    for name in names if FAILURES in pictures else evenly_spread_items(names, study.pictures):
        load_sample = partial(dataset.load, study.images.split, name)
        image = dataset.image(study.images.split, name)
        predictor = variant_predictor(own, variant, name, image, load_sample)
        results.append(ImageResult(name, {}, own.segment(predictor).instances))
    draw_study_pictures(folder, study, {variant: results}, pipeline, dataset, pictures)


def evenly_spread_items(items: Sequence[Item], count: int) -> list[Item]:
    """``count`` items at equal distances, the first and the last among them; all if there are fewer."""
    places = np.linspace(0, len(items) - 1, min(count, len(items))).round().astype(int)
    return [items[place] for place in places]


def shown_variant(study: Study) -> Variant:
    """The variant that the pictures show: the last one of the first linkage that is our own method."""
    variants = [each for each in study.all_variants if each.linkage == study.linkages[0]]
    return [each for each in variants if not each.third_party][-1]


def segmentation_grid_row(
    sample: Sample, prediction: Prediction, instances: Sequence[Instance]
) -> SegmentationGridRow:
    """The row of one image in the picture grid: image, predictions, instances and annotation."""
    semantic = prediction.semantic.argmax(axis=0)
    return SegmentationGridRow(
        image=sample.image,
        semantic=semantic.astype(np.uint8),
        # The affinities to the neighbours below and to the right are low where an instance ends.
        affinities=prediction.affinity[[0, 2]].min(axis=0),
        instances=label_map(instances, semantic.shape),
        truth_semantic=sample.semantic,
        truth_instances=sample.instances,
    )


def draw_worst_failures(
    path: Path,
    results: Sequence[ImageResult],
    pipeline: "Pipeline",
    dataset: Dataset,
    split: str,
    count: int,
) -> None:
    """Draw the ``count`` worst failures of each kind. If there are no failures, draw no picture.

    The affinities are those of the graph of the whole image, also if the study segments regions separately.
    A failure may lie in several regions, whose graphs have different affinities.
    """
    images = _WholeImageLoader(pipeline, dataset, split, results)
    failures = []
    for result in results:
        sample, instances = images.sample_and_instances(result.image)
        failures += find_failures(
            result.image, sample.instances, instances, dataset.least_object_pixels
        )
    worst = worst_failures_of_each_kind(failures, count)
    if worst:
        config = images.pipeline.config
        thresholds = _threshold_by_distance(config)
        draw_failures(
            path,
            worst,
            images.sample_instances_and_affinities,
            config.graph_offsets,
            thresholds,
            class_names=dataset.class_names,
        )


class _WholeImageLoader:
    """Loads images, instances and affinities at the size at which the networks see a whole image."""

    def __init__(
        self,
        pipeline: "Pipeline",
        dataset: Dataset,
        split: str,
        results: Sequence[ImageResult],
    ) -> None:
        self.pipeline = pipeline.replace(roi=False, rr=False, flm=1, scp=False)
        self._dataset, self._split = dataset, split
        self._found = {result.image: result.instances for result in results}

    def sample_and_instances(self, name: str) -> tuple[Sample, list[Instance]]:
        """An annotated image and its predicted instances."""
        sample = self._dataset.load(self._split, name)
        sample = sample_in_view(sample, self.pipeline.whole_image_view(image_size(sample.image)))
        size = sample.semantic.shape
        instances = [
            Instance(resize_nearest(one.mask, size), one.class_name, one.confidence)
            for one in self._found[name]
        ]
        return sample, instances

    def sample_instances_and_affinities(
        self, name: str
    ) -> tuple[Sample, list[Instance], npt.NDArray[np.floating]]:
        """``sample_and_instances(name)``, and the affinities (K, H, W) in [0, 1] of the image's graph."""
        image = self._dataset.image(self._split, name)
        (region,) = self.pipeline.graphs(self.pipeline.predictor(image, name))
        affinities = region.graph.problem.affinities / np.float32(ONE)
        return *self.sample_and_instances(name), affinities


def _threshold_by_distance(config: "PipelineConfig") -> dict[int, float]:
    """For each distance, the merge threshold of the stage that it belongs to."""
    stages = zip(config.stage_thresholds, config.stage_distances, strict=True)
    return {distance: threshold for threshold, stage in stages for distance in stage}
