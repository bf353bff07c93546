"""The tuning slice: those training images that the networks were not trained on."""

from dataclasses import dataclass

from tqdm import tqdm

from bench.datasets import Dataset
from bench.evaluation.average_precision import SizeRange
from bench.evaluation.scored_objects import count_scored_objects, refuse_images_without_objects
from bench.pipeline.segment import Pipeline
from bench.types import Annotation, RgbImage


@dataclass(frozen=True)
class TuningSlice:
    """The images of the tuning slice. They are read whenever they are needed, not kept in memory.

    names: the names of the images.
    """

    dataset: Dataset
    names: list[str]

    @property
    def size_range(self) -> SizeRange:
        """The sizes of the objects that count."""
        return SizeRange(self.dataset.least_object_pixels)

    def image(self, name: str) -> RgbImage:
        """Read an image, (H, W, 3) uint8."""
        return self.dataset.image("train", name)

    def annotation(self, name: str) -> Annotation:
        """Read the annotation of an image."""
        return self.dataset.annotation("train", name)

    def fill_cache(self, pipeline: Pipeline) -> None:
        """Run the networks on those images that are not in the cache."""
        for name in tqdm(self.names, desc="networks", unit="image"):
            pipeline.fill_cache(pipeline.predictor(self.image(name)))


def open_tuning_slice(dataset: Dataset, limit: int | None) -> TuningSlice:
    """The tuning slice of a data set, or its first ``limit`` images.

    Raises ValueError if no image has an object that is scored: then all settings are equally good.
    """
    names = dataset.tuning_image_names(dataset.names("train"))[:limit]
    tuning = TuningSlice(dataset, names)
    refuse_images_without_objects(
        sum(count_scored_objects(tuning.annotation(name), tuning.size_range) for name in names),
        tuning.size_range,
        f"{dataset.root}, tuning slice of {len(names)} images",
        "use more images (without --limit) or annotate objects",
    )
    return tuning
