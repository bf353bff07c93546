"""The file ``classes.json`` of a folder of images: the names of the classes, and the class of each object."""

import json
import warnings
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePath

import numpy as np

from bench.picture_files.file_listing import look_alike_note
from bench.types import UInt8Array
from merge_impls.argument_checks import refuse_repeated_keys
from merge_impls.arrays import Int32Array
from merge_impls.regular_files import check_regular_file

_SHAPE = '{"classes": ["NAME", ...], "objects": {"IMAGE": {"ID": "NAME"}}}'


class UnmatchedEntryWarning(UserWarning):
    """Entries of ``classes.json`` match no image or no object. The message is one line, with the first."""


@dataclass
class ObjectClasses:
    """The content of ``classes.json``.

    path: the file, which need not exist; then all objects are of the class "object".
    class_names: the names of the classes, in order.
    entries: the class of each object by the name of the image and the id of the object.
    """

    path: Path
    class_names: tuple[str, ...] = ("object",)
    entries: Mapping[str, Mapping[int, str]] = field(default_factory=dict)
    _has_warned: bool = False

    def numbers_of_objects(self, image: str, ids: Int32Array) -> UInt8Array:
        """The class of each object of an image, uint8: 1 + its index in ``class_names``; 0 for the id 0.

        ids: all values of the label map. Objects without an entry are of the first class. The first entry
        whose id is not among ``ids`` is warned of.
        """
        entries = self.entries.get(image, {})
        number_of_id = {id: self._number(image, name) for id, name in entries.items()}
        self._warn_of_unmatched_ids(image, [id for id in ids.tolist() if id])
        return np.array([number_of_id.get(id, 1) if id else 0 for id in ids.tolist()], np.uint8)

    def warn_of_unmatched_images(self, images: Collection[str]) -> None:
        """Warn if entries are of images that do not exist. images: the names of the images of all splits."""
        unmatched = [name for name in self.entries if name not in images]
        if unmatched:
            first, stem = unmatched[0], PurePath(unmatched[0]).stem
            hint = look_alike_note(first, images)
            if stem in images:
                hint = f" (write {stem!r}, without the suffix)"
            _warn(
                f"{self.path}: {len(unmatched)} of {len(self.entries)} images in objects do not exist, so "
                f"their entries have no effect; the first is {first!r}{hint}"
            )

    def _number(self, image: str, name: str) -> int:
        if name not in self.class_names:
            raise ValueError(
                f"{self.path}: {image} has an object of class {name!r}; add this class to classes"
            )
        return 1 + self.class_names.index(name)

    def _warn_of_unmatched_ids(self, image: str, ids: Collection[int]) -> None:
        unmatched = [id for id in self.entries.get(image, {}) if id not in ids]
        if unmatched and not self._has_warned:
            self._has_warned = True
            known = ", ".join(map(str, sorted(ids)[:5])) + (", ..." if len(ids) > 5 else "")
            _warn(
                f"{self.path}: {image!r} has an entry for object {unmatched[0]}, but the ids in its label "
                f"map are {known or 'none'}, so the entry has no effect; further such entries are not named"
            )


def _warn(line: str) -> None:
    warnings.warn(line, UnmatchedEntryWarning, stacklevel=3)


def read_object_classes(path: Path) -> ObjectClasses:
    """Read ``classes.json``. Raises ValueError with one line for a file of another shape."""
    if not path.exists():
        return ObjectClasses(path)
    check_regular_file(path)
    try:
        table = json.loads(
            path.read_text(encoding="utf-8-sig"), object_pairs_hook=refuse_repeated_keys
        )
        classes, objects = table["classes"], table.get("objects", {})
        if not isinstance(classes, list):
            raise ValueError(f"classes must be a list, such as {[classes]}")
        known = all(isinstance(name, str) for name in classes) and 0 < len(classes) < 255
        whole = all(str(int(i)) == i for ids in objects.values() for i in ids)
        if not known or not whole or len(set(classes)) < len(classes):
            raise ValueError("class names must be different strings, and ids whole numbers")
        entries = {
            image: {int(id): name for id, name in ids.items()} for image, ids in objects.items()
        }
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{path}: is not {_SHAPE} ({error})") from None
    return ObjectClasses(path, tuple(classes), entries)
