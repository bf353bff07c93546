"""Reads the simplest data set: a folder of images and a folder of label maps."""

import hashlib
import re
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import ClassVar

import numpy as np

from bench.datasets.annotations import annotation_from_maps
from bench.datasets.dataset import Evaluator, PipelinePreset
from bench.datasets.object_classes import ObjectClasses, read_object_classes
from bench.datasets.one_id_label_maps import warn_of_one_id_in_pieces
from bench.picture_files.file_listing import (
    LABEL_MAP_SUFFIXES,
    PICTURE_SUFFIXES,
    list_files,
    look_alike_note,
)
from bench.picture_files.picture_pages import PicturePage, name_all_pages
from bench.picture_files.picture_reading import read_label_map, read_orientation_and_size, read_rgb
from bench.picture_files.pixel_values import SIDEWAYS, shown_size, turn_upright
from bench.types import Annotation, Sample
from merge_impls.arrays import Int32Array
from merge_impls.text_formats import format_shape

FOLDS = 5
"""The number of folds that images are divided into. One fold is the tuning slice."""

_REMEDY = "put images in {split}/images and 16-bit label maps of the same names in {split}/labels"


class ImageFolder:
    """A data set of images ``ROOT/SPLIT/images/NAME.*`` and label maps ``ROOT/SPLIT/labels/NAME.png``.

    Images are grey or colour, of any size. A label map is a PNG or TIFF. It holds 0 for background and the id
    of an object, at most 65535, at its pixels. The pages of a file are images NAME_p001, NAME_p002 and so on.
    All objects are of the class "object", unless there is a file ``ROOT/classes.json`` with the names of
    classes and the classes of objects::

        {"classes": ["leaf", "stem"], "objects": {"NAME": {"7": "stem"}}}

    Here object 7 of the image NAME is a stem. Objects without an entry are of the first class, leaf.
    Raises FileNotFoundError for missing files, ValueError for files that cannot be read or do not match one
    another; both messages are one line.
    """

    name: ClassVar[str] = "folder"
    evaluator: ClassVar[Evaluator] = "in_memory"
    preset: ClassVar[PipelinePreset] = PipelinePreset()
    advice_for_few_images: ClassVar[str] = (
        f"add images with labels: the name of an image decides, and one name in {FOLDS} is held out, so that "
        "30 images are enough"
    )
    least_object_pixels = 1

    @classmethod
    def generate_missing(cls, root: Path, split: str, first: int | None = None) -> None:
        """Do nothing: the images are files that the user already has."""

    def __init__(self, root: str | Path) -> None:
        self.root = Path(root)
        self._has_warned_of_one_id = False
        self._listed: dict[tuple[str, str], dict[str, PicturePage]] = {}
        if not self.root.is_dir():
            raise FileNotFoundError(
                f"{self.root}: is not a folder; name the folder of the data set (option --root), and "
                f"{_remedy('SPLIT')}, where SPLIT is train or val"
            )

    @cached_property
    def _object_classes(self) -> ObjectClasses:
        return read_object_classes(self.root / "classes.json")

    @property
    def class_names(self) -> tuple[str, ...]:
        """The names of the classes in ``classes.json``."""
        return self._object_classes.class_names

    @property
    def super_classes(self) -> tuple[tuple[str, ...], ...]:
        """Each class alone, as nothing is known about classes that networks confuse."""
        return tuple((name,) for name in self.class_names)

    @property
    def label_names(self) -> dict[int, str]:
        """Label ids 1, 2, ... in the order of ``class_names``."""
        return dict(enumerate(self.class_names, start=1))

    def names(self, split: str) -> list[str]:
        """The names of a split's images, sorted. Raises if an image or a label map lacks its counterpart."""
        images, labels = self._list_pages(split, "images"), self._list_pages(split, "labels")
        if not images:
            raise FileNotFoundError(
                f"{self.root / split / 'images'}: holds no images; {_remedy(split)}"
            )
        for name in sorted(images.keys() ^ labels.keys()):
            lacking, others = ("label map", labels) if name in images else ("image", images)
            note = look_alike_note(name, others)
            raise ValueError(
                f"{(images | labels)[name].path}: has no {lacking}{note}; {_remedy(split)}"
            )
        if any(name not in images for name in self._object_classes.entries):
            self._object_classes.warn_of_unmatched_images(
                images.keys() | self._names_in_all_splits()
            )
        return sorted(images)

    def _names_in_all_splits(self) -> set[str]:
        """The names that pictures of any split have, and the names of pages in ``classes.json``."""
        folders = sorted(self.root.glob("*/images"))
        stems = {p.stem for each in folders for p in list_files(each, PICTURE_SUFFIXES).files}
        pages = {
            name for name in self._object_classes.entries if re.sub(r"_p\d{3,}$", "", name) in stems
        }
        return stems | pages

    def image_path(self, split: str, name: str) -> Path:
        """The picture file of an image."""
        return self._page(split, "images", name).path

    def truth_path(self, split: str, name: str) -> Path:
        """The label map of an image."""
        return self._page(split, "labels", name).path

    def image_files(self, split: str, names: Sequence[str]) -> list[Path]:
        """The picture files of the named images. Several images may be pages of one file."""
        return list(dict.fromkeys(self.image_path(split, name) for name in names))

    def annotation_files(self, split: str, names: Sequence[str]) -> list[Path]:
        """The files that the annotation of the named images depends on.

        Raises ValueError if a label map has another size than its image; only the headers are read.
        """
        for name in names:
            self._check_size_of_labels(split, name)
        classes = self.root / "classes.json"
        found = [self.truth_path(split, name) for name in names]
        return [*found, classes] if classes.exists() else found

    def image(self, split: str, name: str) -> np.ndarray:
        """An image without its annotation, (H, W, 3) uint8 RGB."""
        path, page = self._page(split, "images", name)
        return read_rgb(path, _remedy(split), page)

    def load(self, split: str, name: str) -> Sample:
        """An image with its annotation."""
        image = self.image(split, name)
        labels = self._read_labels(split, name)
        return Sample(name, image, *self._semantic_and_instance_maps(name, labels))

    def annotation(self, split: str, name: str) -> Annotation:
        """The ground truth of an image for the evaluation."""
        labels = self._read_labels(split, name)
        return annotation_from_maps(*self._semantic_and_instance_maps(name, labels))

    def tuning_image_names(self, names: Sequence[str]) -> list[str]:
        """The tuning slice: the images of ``names`` that are in fold 0, about a fifth of them."""
        return [name for name in names if fold_of_name(name) == 0]

    def _read_labels(self, split: str, name: str) -> Int32Array:
        """The label map of an image. Raises ValueError if it has another size than its image.

        A label map that has the size of the image as stored, not as shown, is turned with the image.
        """
        path, page = self._page(split, "labels", name)
        labels = read_label_map(path, _remedy(split), page)
        orientation, lies_as_stored = self._check_size_of_labels(split, name)
        if not self._has_warned_of_one_id:
            self._has_warned_of_one_id = warn_of_one_id_in_pieces(path, labels)
        return turn_upright(labels, orientation) if lies_as_stored else labels

    def _check_size_of_labels(self, split: str, name: str) -> tuple[int, bool]:
        """The orientation of an image, and whether its label map is to be turned with it, from the headers.

        Raises ValueError if the label map has neither the size of the image as shown nor as stored.
        """
        orientation, stored = read_orientation_and_size(*self._file(split, "images", name))
        path, remedy, page = self._file(split, "labels", name)
        labels = shown_size(*read_orientation_and_size(path, remedy, page))
        shown = shown_size(orientation, stored)
        lies_as_stored = orientation in SIDEWAYS and labels == stored and labels != shown
        if not lies_as_stored and labels != shown:
            raise ValueError(
                f"{path}: is {format_shape(labels)} pixels (height x width), its image "
                f"{format_shape(shown)}; make both the same size, with at least one pixel"
            )
        return orientation, lies_as_stored

    def _file(self, split: str, folder: str, name: str) -> tuple[Path, str, int | None]:
        """The arguments with which the page of an image or a label map is read."""
        path, page = self._page(split, folder, name)
        return path, _remedy(split), page

    def _page(self, split: str, folder: str, name: str) -> PicturePage:
        """The page of a file that has an image, or its label map. Raises FileNotFoundError without one."""
        pages = self._listed.get((split, folder)) or self._list_pages(split, folder)
        if name not in pages:
            raise FileNotFoundError(
                f"{self.root / split / folder / name}: is missing; {_remedy(split)}"
            )
        return pages[name]

    def _list_pages(self, split: str, folder: str) -> dict[str, PicturePage]:
        """The pages of all files in the folder "images" or "labels" of a split, by the name of the image.

        Raises ValueError for two files that differ only in suffix.
        """
        suffixes = PICTURE_SUFFIXES if folder == "images" else LABEL_MAP_SUFFIXES
        listing = list_files(self.root / split / folder, suffixes)
        listing.warn(suffixes)
        pages = name_all_pages(listing.files, _remedy(split))
        self._listed[split, folder] = pages
        return pages

    def _semantic_and_instance_maps(
        self, name: str, labels: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """The semantic and the instance map of a ``Sample`` from a label map."""
        ids, first, dense = np.unique(labels, return_index=True, return_inverse=True)
        numbers = self._object_classes.numbers_of_objects(name, ids)
        rank = np.zeros(len(ids), dtype=np.int32)
        objects = np.flatnonzero(ids)
        rank[objects[np.argsort(first[objects], kind="stable")]] = np.arange(1, len(objects) + 1)
        dense = dense.reshape(labels.shape)
        return numbers[dense], rank[dense]


DATASET = ImageFolder


def fold_of_name(name: str, folds: int = FOLDS) -> int:
    """The fold of an image, 0 to ``folds`` - 1.

    The fold depends only on the name, so that an image keeps its fold when other images are added.
    """
    return int(hashlib.sha256(name.encode()).hexdigest(), 16) % folds


def _remedy(split: str) -> str:
    return _REMEDY.format(split=split)
