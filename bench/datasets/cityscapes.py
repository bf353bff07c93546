"""Reads Cityscapes. The generated scenes have the same layout on disk, and the same reader."""

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

import numpy as np

from bench.datasets.annotations import annotation_from_instance_ids
from bench.datasets.cityscapes_labels import (
    CLASS_IDS,
    CLASS_NAMES,
    LABEL_NAMES,
    LABELS,
    SEMANTIC_LABELS,
    SUPER_CLASSES,
)
from bench.datasets.dataset import Evaluator, PipelinePreset
from bench.datasets.instance_ids import is_instance, label_ids_of
from bench.picture_files.file_listing import list_files
from bench.picture_files.picture_reading import read_label_map, read_rgb
from bench.types import VOID_CLASS, Annotation, Sample
from merge_impls.text_formats import format_shape

TUNING_CITY = "ulm"
"""A city of the split train of Cityscapes, kept out of training. Thresholds are chosen on its images."""

TUNING_CITY_OF_SCENES = "eichstadt"
"""The city of the generated scenes that is kept out of training. Cityscapes has no such city."""

_IMAGE_SUFFIX = "_leftImg8bit.png"
_REMEDY_OF_SPLIT = {
    "train_extra": "make scenes with `python -m bench scenes --train-extra 40` or unpack Cityscapes' "
    "leftImg8bit_trainextra and gtCoarse there",
    "test": "make scenes with `python -m bench scenes --test 4` or unpack Cityscapes' "
    "leftImg8bit_trainvaltest there",
}
_REMEDY = "make scenes with `python -m bench scenes` or unpack Cityscapes there; move bad files away first"


class Cityscapes:
    """A data set in a folder that holds ``leftImg8bit/{split}/CITY/*`` and ``gtFine/{split}/CITY/*``.

    Images have names such as ``CITY/CITY_000000_000000``. Raises FileNotFoundError for missing folders and
    files, ValueError for files that cannot be read or do not match one another; both messages are one line.
    """

    name: ClassVar[str] = "cityscapes"
    evaluator: ClassVar[Evaluator] = "official"
    preset: ClassVar[PipelinePreset] = PipelinePreset(roi_height=513)
    advice_for_few_images: ClassVar[str] = (
        f"move some images to a city folder {TUNING_CITY} of leftImg8bit/train and gtFine/train, which is "
        "held out"
    )
    class_names: tuple[str, ...] = CLASS_NAMES
    super_classes = SUPER_CLASSES
    label_names = LABEL_NAMES
    least_object_pixels = 100

    @classmethod
    def generate_missing(cls, root: Path, split: str, first: int | None = None) -> None:
        """Do nothing: the images are files that the user already has."""

    def __init__(self, root: str | Path) -> None:
        self.root = Path(root)
        if not (self.root / "leftImg8bit").is_dir():
            raise FileNotFoundError(f"{self.root}: holds no leftImg8bit folder; {_REMEDY}")

    def names(self, split: str) -> list[str]:
        """The names of a split's images, sorted."""
        folder = self.root / "leftImg8bit" / split
        listing = list_files(folder, (".png",), subfolders=True)
        listing.warn_of_links()
        found = [
            path
            for path in listing.files
            if path.name.endswith(_IMAGE_SUFFIX) and path.parent.parent == folder
        ]
        if not found:
            raise FileNotFoundError(
                f"{folder}: holds no images of split {split!r}; {_remedy(split)}"
            )
        return [f"{path.parent.name}/{path.name.removesuffix(_IMAGE_SUFFIX)}" for path in found]

    def image_path(self, split: str, name: str) -> Path:
        """The picture file of an image."""
        return self.root / picture_file(split, name)

    def truth_path(self, split: str, name: str) -> Path:
        """The instanceIds file of an image."""
        return self.instance_ids_path(split, name, "gtFine")

    def instance_ids_path(self, split: str, name: str, kind: str) -> Path:
        """The instanceIds file of an image. kind: the annotation, "gtFine" or "gtCoarse"."""
        return self.root / instance_ids_file(split, name, kind)

    def image_files(self, split: str, names: Sequence[str]) -> list[Path]:
        """The picture files of the named images."""
        return [self.image_path(split, name) for name in names]

    def annotation_files(self, split: str, names: Sequence[str]) -> list[Path]:
        """The files that the annotation of the named images depends on."""
        return [self.truth_path(split, name) for name in names]

    def image(self, split: str, name: str) -> np.ndarray:
        """An image without its annotation, (H, W, 3) uint8 RGB."""
        return read_rgb(self.image_path(split, name), _remedy(split))

    def load(self, split: str, name: str) -> Sample:
        """An image with its annotation.

        Labels that Cityscapes' evaluation ignores are void. Groups are void, too: regions of several objects
        that were not annotated one by one.
        """
        image = self.image(split, name)
        instance_ids = self.instance_ids(split, name, "gtFine")
        self.check_same_size(split, name, "gtFine", image, instance_ids)
        semantic, instances = maps_from_instance_ids(instance_ids)
        return Sample(name, image, semantic, instances)

    def annotation(self, split: str, name: str) -> Annotation:
        """The ground truth of an image as the official evaluator reads it, with groups."""
        instance_ids = self.instance_ids(split, name, "gtFine")
        return annotation_from_instance_ids(instance_ids, CLASS_IDS, _IGNORED_IDS)

    def tuning_image_names(self, names: Sequence[str]) -> list[str]:
        """The tuning slice: the images of ``names`` that are of a tuning city."""
        return [
            name for name in names if name.partition("/")[0] in (TUNING_CITY, TUNING_CITY_OF_SCENES)
        ]

    def instance_ids(self, split: str, name: str, kind: str) -> np.ndarray:
        """Cityscapes' numbers (H, W) int32 of an image. kind: the annotation, "gtFine" or "gtCoarse".

        Raises ValueError, which names the file, also for a number that is none of Cityscapes'.
        """
        path = self.instance_ids_path(split, name, kind)
        instance_ids = read_label_map(path, _remedy(split))
        try:
            _known_label_ids(instance_ids)
        except ValueError as error:
            raise ValueError(f"{path}: {error}") from None
        return instance_ids

    def check_same_size(
        self, split: str, name: str, kind: str, image: np.ndarray, instance_ids: np.ndarray
    ) -> None:
        """Raise ValueError if an image and its annotation ``kind`` have different sizes."""
        if instance_ids.shape != image.shape[:2]:
            path = self.instance_ids_path(split, name, kind)
            raise ValueError(
                f"{path}: is {format_shape(instance_ids.shape)} pixels (height x width), but its image "
                f"{format_shape(image.shape[:2])}; take both from the same data set"
            )


def picture_file(split: str, name: str) -> Path:
    """The picture file of an image, below the folder of the data set."""
    return Path("leftImg8bit", split, f"{name}{_IMAGE_SUFFIX}")


def _remedy(split: str) -> str:
    """What to do about a missing or damaged file of a split."""
    return _REMEDY_OF_SPLIT.get(split, _REMEDY)


def instance_ids_file(split: str, name: str, kind: str) -> Path:
    """The instanceIds file of an image, below the folder of the data set.

    kind: the annotation, "gtFine" or "gtCoarse".
    """
    return Path(kind, split, f"{name}_{kind}_instanceIds.png")


def semantic_map_of_all_labels(instance_ids: np.ndarray) -> np.ndarray:
    """Convert Cityscapes' instanceIds (H, W) to a map (H, W) uint8 of its 19 semantic labels.

    The value of a pixel is the index of its label in ``SEMANTIC_LABELS``, or ``VOID_CLASS`` for other labels.
    Raises ValueError for an id that Cityscapes does not have.
    """
    table = np.full(256, VOID_CLASS, np.uint8)
    table[[label.id for label in SEMANTIC_LABELS]] = np.arange(len(SEMANTIC_LABELS))
    semantic: np.ndarray = table[_known_label_ids(instance_ids)]
    return semantic


def maps_from_instance_ids(instance_ids: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Convert Cityscapes' instanceIds (H, W) to the semantic and the instance map of a ``Sample``.

    Raises ValueError for an id that Cityscapes does not have.
    """
    of_instance = is_instance(instance_ids)
    label_ids = _known_label_ids(instance_ids)
    semantic = np.zeros(instance_ids.shape, dtype=np.uint8)
    semantic[np.isin(label_ids, _IGNORED_IDS)] = VOID_CLASS
    for number, class_id in enumerate(CLASS_IDS, start=1):
        of_class = label_ids == class_id
        semantic[of_class & of_instance] = number
        semantic[of_class & ~of_instance] = VOID_CLASS
    counted = (semantic > 0) & (semantic != VOID_CLASS)
    return semantic, _renumber_in_raster_order(np.where(counted, instance_ids, 0))


def _known_label_ids(instance_ids: np.ndarray) -> np.ndarray:
    """The label id of each pixel. Raises ValueError for an id that Cityscapes does not have."""
    values = np.flatnonzero(np.bincount(instance_ids.ravel()))
    unknown = values[~np.isin(label_ids_of(values), _LABEL_IDS)]
    if unknown.size:
        raise ValueError(
            f"holds {unknown[0]}, which is neither a label id of Cityscapes nor label id * 1000 + a number; "
            "write the file with 16 bits, or take that of the data set"
        )
    return label_ids_of(instance_ids)


_LABEL_IDS = [label.id for label in LABELS.values()]
_IGNORED_IDS = [label.id for label in LABELS.values() if label.ignored]


def _renumber_in_raster_order(numbers: np.ndarray) -> np.ndarray:
    """Replace the non-zero values by 1..n, in the raster order of the first pixel of each value."""
    values, first, inverse = np.unique(numbers, return_index=True, return_inverse=True)
    order = np.argsort(np.where(values == 0, -1, first), kind="stable")
    rank = np.empty(len(values), dtype=np.int32)
    rank[order] = np.arange(len(values)) + (0 if (values == 0).any() else 1)
    return rank[inverse].reshape(numbers.shape)


DATASET = Cityscapes
