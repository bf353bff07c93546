"""The protocol ``Dataset`` of all readers of annotated images."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Literal, Protocol

from bench.types import Annotation, RgbImage, Sample

Evaluator = Literal["official", "in_memory"]
"""The names of the evaluators in ``bench.runner.evaluators``."""


@dataclass(frozen=True)
class PipelinePreset:
    """Values for those entries of ``PipelineConfig`` that depend on the size of a data set's images.

    The defaults of ``block`` and ``extension`` are the paper's for images of 1024x2048 pixels.

    block: the side in pixels of the square blocks in which regions of interest are searched for.
    extension: pixels by which the box of a region is extended on each side.
    roi_height: regions of smaller height are enlarged to this height in pixels (4.3). None: the height
        of the crops that the networks were trained on.
    """

    block: int = 32
    extension: int = 16
    roi_height: int | None = None


class Dataset(Protocol):
    """A data set of annotated images in splits. Networks are trained on the split "train".

    To add a data set, add a module or package to this folder whose variable ``DATASET`` is a class of this
    protocol. Methods raise FileNotFoundError for missing files and ValueError for files that do not match
    one another, both with a message of one line.

    name: the name of the data set in options and studies.
    evaluator: the name of the evaluator that scores predictions.
    preset: values of the pipeline's configuration for this data set.
    advice_for_few_images: how to get enough images that some are in the tuning slice and some are not.
    """

    name: ClassVar[str]
    evaluator: ClassVar[Evaluator]
    preset: ClassVar[PipelinePreset]
    advice_for_few_images: ClassVar[str]

    def __init__(self, root: str | Path) -> None: ...

    @classmethod
    def generate_missing(cls, root: Path, split: str, first: int | None = None) -> None:
        """Generate the images of a split that ``root`` lacks; do nothing if images are not generated.

        first: only so many images, the first ones by name; None: all.
        """
        ...

    @property
    def root(self) -> Path:
        """The folder of the data set."""
        ...

    @property
    def class_names(self) -> tuple[str, ...]:
        """The classes of objects. In a semantic map the value of a class is 1 + its index here."""
        ...

    @property
    def super_classes(self) -> tuple[tuple[str, ...], ...]:
        """A partition of the classes: networks often confuse classes of the same group (section 4.2)."""
        ...

    @property
    def label_names(self) -> Mapping[int, str]:
        """The name of each label id that predictions of other programs may contain.

        Predictions with the name of a label that is not in ``class_names`` are ignored.
        """
        ...

    @property
    def least_object_pixels(self) -> int:
        """Objects with fewer pixels do not count in the evaluation."""
        ...

    def names(self, split: str) -> list[str]:
        """The names of the images of a split, sorted."""
        ...

    def tuning_image_names(self, names: Sequence[str]) -> list[str]:
        """The tuning slice: the images of ``names`` that are kept out of training to choose thresholds on."""
        ...

    def image(self, split: str, name: str) -> RgbImage:
        """An image without its annotation, (H, W, 3) uint8 RGB."""
        ...

    def load(self, split: str, name: str) -> Sample:
        """An image with its annotation, for training, oracles and pictures."""
        ...

    def annotation(self, split: str, name: str) -> Annotation:
        """The ground truth of an image for the evaluation in memory."""
        ...

    def truth_path(self, split: str, name: str) -> Path:
        """The file with the annotation of an image. The official evaluator reads this file itself."""
        ...

    def image_files(self, split: str, names: Sequence[str]) -> list[Path]:
        """The picture files of the named images. Trainings are keyed by their hashes."""
        ...

    def annotation_files(self, split: str, names: Sequence[str]) -> list[Path]:
        """All files that the annotation of the named images depends on. Records are keyed by their hashes."""
        ...
