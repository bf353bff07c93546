"""What a data set offers: the protocol of all readers of annotated images."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Literal, Protocol

from bench.types import Annotation, RgbImage, Sample

Evaluator = Literal["official", "in_memory"]
"""The evaluators of ``bench.runner.evaluators``."""


@dataclass(frozen=True)
class Preset:
    """The pipeline's numbers that depend on the size of images: entries of ``PipelineConfig``.

    The defaults are the paper's, for the frames of Cityscapes, 2048x1024. roi_height: None: that of the crops
    that the networks were trained on, which is what the paper does.
    """

    block: int = 32
    extension: int = 16
    roi_height: int | None = None


class Dataset(Protocol):
    """A data set: images in splits, with annotation. Splits are folders; "train" is the one to learn from.

    A module or package of this folder that has a class ``DATASET`` of this protocol is found by itself.
    Raises FileNotFoundError of one line for what is missing, ValueError for what does not fit together.

    name: what options and studies call it. evaluator: the one that scores it. preset: the pipeline's numbers
    for it.
    """

    name: ClassVar[str]
    evaluator: ClassVar[Evaluator]
    preset: ClassVar[Preset]

    def __init__(self, root: str | Path) -> None: ...

    @property
    def root(self) -> Path:
        """The folder that holds it."""
        ...

    @property
    def class_names(self) -> tuple[str, ...]:
        """The classes of its objects; a semantic map holds 1 + the index into them."""
        ...

    @property
    def super_classes(self) -> tuple[tuple[str, ...], ...]:
        """The classes in groups within which networks confuse them (section 4.2); each is in one."""
        ...

    @property
    def label_names(self) -> Mapping[int, str]:
        """The names of label ids in predictions of other programs; those of no class are ignored."""
        ...

    @property
    def least_object_pixels(self) -> int:
        """Objects of fewer pixels do not count in the evaluation."""
        ...

    def names(self, split: str) -> list[str]:
        """The names of the images of a split, sorted."""
        ...

    def tuning_names(self, names: Sequence[str]) -> list[str]:
        """The tuning slice: those of ``names`` that nothing is learnt from and numbers are chosen on."""
        ...

    def image(self, split: str, name: str) -> RgbImage:
        """An image without its annotation, (H, W, 3) uint8 RGB."""
        ...

    def load(self, split: str, name: str) -> Sample:
        """An image with its annotation, for training, oracles and pictures."""
        ...

    def annotation(self, split: str, name: str) -> Annotation:
        """The objects of an image as the evaluation in memory needs them."""
        ...

    def truth_path(self, split: str, name: str) -> Path:
        """The file with the annotation of an image, which the official evaluator reads itself."""
        ...

    def annotation_files(self, split: str, names: Sequence[str]) -> list[Path]:
        """All files that the annotation of these images depends on: they are in the keys of records."""
        ...
