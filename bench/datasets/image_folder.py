"""The simplest data set: a folder of images and one of label maps."""

import hashlib
import json
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from bench.datasets.annotations import annotation_from_maps
from bench.datasets.dataset import Evaluator, Preset
from bench.datasets.image_files import SUFFIXES, read_labels, read_rgb
from bench.types import Annotation, Sample

FOLDS = 5
_REMEDY = "put images in {split}/images and 16-bit label maps of the same names in {split}/labels"


class ImageFolder:
    """``ROOT/SPLIT/images/NAME.*``, grey or colour, any size, and ``ROOT/SPLIT/labels/NAME.png``.

    A label map holds whole numbers to 65535: 0 for background, else an object's id. All objects are of the
    class "object", unless ``ROOT/classes.json`` says more::

        {"classes": ["leaf", "stem"], "objects": {"NAME": {"7": "stem"}}}

    where objects without an entry are of the first class. Raises FileNotFoundError or ValueError of one
    line for what is missing, unreadable or does not fit together.
    """

    name: ClassVar[str] = "folder"
    evaluator: ClassVar[Evaluator] = "in_memory"
    preset: ClassVar[Preset] = Preset()
    least_object_pixels = 1

    def __init__(self, root: str | Path) -> None:
        self.root = Path(root)
        if not self.root.is_dir():
            raise FileNotFoundError(f"{self.root}: is not a folder; {_remedy('SPLIT')}")

    @cached_property
    def _class_table(self) -> dict[str, Any]:
        path = self.root / "classes.json"
        return _read_class_table(path) if path.exists() else {"classes": ["object"], "objects": {}}

    @property
    def class_names(self) -> tuple[str, ...]:
        return tuple(self._class_table["classes"])

    @property
    def super_classes(self) -> tuple[tuple[str, ...], ...]:
        """One of each class."""
        return tuple((name,) for name in self.class_names)

    @property
    def label_names(self) -> dict[int, str]:
        """1, 2, ... in the order of the classes."""
        return dict(enumerate(self.class_names, start=1))

    def names(self, split: str) -> list[str]:
        """The names of a split's images, sorted; each has its label map, and each map its image."""
        images, labels = self._image_files(split), self._label_files(split)
        if not images:
            raise FileNotFoundError(
                f"{self.root / split / 'images'}: holds no image; {_remedy(split)}"
            )
        for name in sorted(images.keys() ^ labels.keys()):
            lacking = "label map" if name in images else "image"
            raise ValueError(f"{(images | labels)[name]}: has no {lacking}; {_remedy(split)}")
        return sorted(images)

    def image_path(self, split: str, name: str) -> Path:
        return self._image_files(split)[name]

    def truth_path(self, split: str, name: str) -> Path:
        return self.root / split / "labels" / f"{name}.png"

    def annotation_files(self, split: str, names: Sequence[str]) -> list[Path]:
        """The files that the annotation of these images depends on."""
        classes = self.root / "classes.json"
        found = [self.truth_path(split, name) for name in names]
        return [*found, classes] if classes.exists() else found

    def image(self, split: str, name: str) -> np.ndarray:
        """The picture without its annotation, (H, W, 3) uint8 RGB."""
        return read_rgb(self.image_path(split, name), _remedy(split))

    def load(self, split: str, name: str) -> Sample:
        """An image with its annotation."""
        image = self.image(split, name)
        path = self.truth_path(split, name)
        labels = read_labels(path, _remedy(split))
        if labels.shape != image.shape[:2] or not labels.size:
            raise ValueError(
                f"{path}: is {labels.shape[::-1]} pixels, its image {image.shape[1::-1]}; both have to be "
                "of one size and hold pixels"
            )
        return Sample(name, image, *self._semantic_and_instances(path, name, labels))

    def annotation(self, split: str, name: str) -> Annotation:
        """The ground truth as the evaluation needs it."""
        path = self.truth_path(split, name)
        return annotation_from_maps(
            *self._semantic_and_instances(path, name, read_labels(path, _remedy(split)))
        )

    def tuning_names(self, names: Sequence[str]) -> list[str]:
        """The fold of ``names`` on which numbers are chosen, a fifth by a hash of the name."""
        return [name for name in names if fold_of_name(name) == 0]

    def _image_files(self, split: str) -> dict[str, Path]:
        """The image files by name; two files of one name are an error."""
        found: dict[str, Path] = {}
        for path in sorted((self.root / split / "images").glob("*")):
            if path.suffix.lower() not in SUFFIXES or path.name.startswith("."):
                continue
            if path.stem in found:
                raise ValueError(f"{path}: {found[path.stem].name} has the same name; rename one")
            found[path.stem] = path
        return found

    def _label_files(self, split: str) -> dict[str, Path]:
        folder = self.root / split / "labels"
        return {path.stem: path for path in folder.glob("*.png") if path.name[0] != "."}

    def _semantic_and_instances(
        self, path: Path, name: str, labels: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Semantic and instance map of a ``Sample``."""
        ids, first, dense = np.unique(labels, return_index=True, return_inverse=True)
        of_id = {int(i): self._class_number(path, c) for i, c in self._classes_by_id(name).items()}
        numbers = np.array([of_id.get(int(i), 1) if i else 0 for i in ids], dtype=np.uint8)
        rank = np.zeros(len(ids), dtype=np.int32)
        objects = np.flatnonzero(ids)
        rank[objects[np.argsort(first[objects], kind="stable")]] = np.arange(1, len(objects) + 1)
        dense = dense.reshape(labels.shape)
        return numbers[dense], rank[dense]

    def _classes_by_id(self, name: str) -> dict[str, str]:
        found: dict[str, str] = self._class_table["objects"].get(name, {})
        return found

    def _class_number(self, path: Path, name: str) -> int:
        if name not in self.class_names:
            raise ValueError(
                f"{self.root / 'classes.json'}: {path.stem} has class {name!r}, which is none of classes"
            )
        return 1 + self.class_names.index(name)


DATASET = ImageFolder


def fold_of_name(name: str, folds: int = FOLDS) -> int:
    """0 to ``folds`` - 1, from the name alone, so that an image keeps its fold when images are added."""
    return int(hashlib.sha256(name.encode()).hexdigest(), 16) % folds


def _remedy(split: str) -> str:
    return _REMEDY.format(split=split)


def _read_class_table(path: Path) -> dict[str, Any]:
    shape = '{"classes": ["NAME", ...], "objects": {"IMAGE": {"ID": "NAME"}}}'
    try:
        table = json.loads(path.read_text(encoding="utf-8"))
        classes, objects = table["classes"], table.get("objects", {})
        known = all(isinstance(name, str) for name in classes) and 0 < len(classes) < 255
        whole = all(str(int(i)) == i for ids in objects.values() for i in ids)
        if not known or not whole or len(set(classes)) < len(classes):
            raise ValueError("names have to be different words, ids whole numbers")
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{path}: is not {shape} ({error})") from None
    return {"classes": classes, "objects": objects}
