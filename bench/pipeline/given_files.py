"""Reads the maps that another program has predicted: class scores, label maps and affinities, by image."""

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np

from bench.digests import json_digest
from bench.picture_files.file_listing import LABEL_MAP_SUFFIXES, list_files, look_alike_note
from bench.picture_files.picture_reading import read_label_map
from bench.types import Size
from merge_impls.affinity_files import read_affinities, read_array
from merge_impls.argument_checks import one_line_error_message
from merge_impls.arrays import AnyArray, Float32Array
from merge_impls.canonical_affinities import canonical
from merge_impls.fixed_point_affinities import ONE
from merge_impls.regular_files import check_regular_file

ARRAY_SUFFIXES = (".npz", ".npy", ".h5", ".hdf5")
"""The suffixes of files with class scores or affinities, in lower or upper case."""

CLASSES_FILE = "classes.json"
"""The file in a folder of class scores or label maps that names the channels or the label ids."""

BACKGROUND = "background"
"""The name in ``CLASSES_FILE`` of channels and label ids that are of no class of objects."""

LARGEST_SUM_ERROR = 0.02
"""The largest difference from 1 of the sum of a pixel's class scores: float16 rounds each of them."""


class FilesOfImages:
    """The files of a folder, one for each image. A file has the name of its image, and an ending.

    Files may lie in subfolders. Of a name such as CITY/NAME only the last part counts.
    """

    def __init__(self, folder: Path, suffixes: Collection[str]) -> None:
        self.folder, self._suffixes = folder, suffixes
        self._sha256: dict[Path, str] = {}
        if not folder.is_dir():
            raise FileNotFoundError(f"{folder}: is not a folder; name the folder of the maps")

    @cached_property
    def _paths(self) -> dict[str, Path]:
        found: dict[str, Path] = {}
        for path in list_files(self.folder, self._suffixes, subfolders=True).files:
            if path.stem in found:
                raise ValueError(
                    f"{path}: {found[path.stem]} has the same name; keep one file for each image"
                )
            found[path.stem] = path
        return found

    def path(self, name: str) -> Path:
        """The file of the image ``name``. Raises FileNotFoundError if there is none."""
        short = PurePosixPath(name).name
        if short not in self._paths:
            note = look_alike_note(short, self._paths)
            raise FileNotFoundError(
                f"{self.folder}: has no file for image {name}{note}; write {short} "
                f"with one of the endings {', '.join(self._suffixes)}"
            )
        return self._paths[short]

    def sha256(self, name: str) -> str:
        """SHA-256 (hex) of the file of an image. Each file is hashed once."""
        path = self.path(name)
        if path not in self._sha256:
            with path.open("rb") as file:
                self._sha256[path] = hashlib.file_digest(file, "sha256").hexdigest()
        return self._sha256[path]


class SemanticFolder:
    """A folder of class scores or of label maps, and ``classes.json``, which names channels or label ids.

    ``{"channels": ["background", "car", ...]}``: the files are arrays (channels, H, W), named "scores" or the
    only array of their file, with the probability of each class.
    ``{"label_ids": {"0": "background", "26": "car", ...}}``: the files are pictures of label ids.

    classes: the classes of objects. Each of them must be named; other names than "background" are refused.
    """

    def __init__(self, folder: Path, classes: Sequence[str]) -> None:
        self._classes = classes
        channels, ids = _read_class_names(folder, classes)
        self._channels = [self._class_number(name) for name in channels]
        self._number_of_id = {label: self._class_number(name) for label, name in ids.items()}
        self.files = FilesOfImages(folder, LABEL_MAP_SUFFIXES if ids else ARRAY_SUFFIXES)

    def _class_number(self, name: str) -> int:
        """0 for background, 1..C for the classes."""
        return 0 if name == BACKGROUND else 1 + self._classes.index(name)

    def identity(self, name: str) -> str:
        """A digest of the file of an image, and of the meaning of its channels or label ids."""
        ids = sorted(self._number_of_id.items())
        return json_digest([self.files.sha256(name), self._channels, ids])

    def read(self, name: str, size: Size) -> Float32Array:
        """Class probabilities (1 + C, H, W) float32 of an image of ``size``, background first.

        Raises ValueError, one line that names the file, if the file does not hold them.
        """
        path = self.files.path(name)
        if self._number_of_id:
            return self._one_hot(path, size)
        given = read_array(path, "scores")
        _check_scores(path, given, len(self._channels), size)
        classes = np.zeros((1 + len(self._classes), *size), np.float32)
        for channel, number in enumerate(self._channels):
            classes[number] += given[channel]
        return classes

    def _one_hot(self, path: Path, size: Size) -> Float32Array:
        labels = read_label_map(path, "save it as PNG with one channel")
        _check_size(path, labels.shape, size)
        unknown = sorted({*np.unique(labels).tolist()} - self._number_of_id.keys())
        if unknown:
            raise ValueError(
                f"{path}: has the label id {unknown[0]}, which {CLASSES_FILE} does not name; add it there"
            )
        table = np.zeros(1 + max(self._number_of_id), np.int64)
        table[[*self._number_of_id]] = [*self._number_of_id.values()]
        numbers = np.arange(1 + len(self._classes))[:, None, None]
        return np.asarray(table[labels] == numbers, dtype=np.float32)


@dataclass(frozen=True)
class AffinityFolder:
    """A folder of files with the arrays ``affinities`` (channels, H, W) and ``offsets`` (channels, 2).

    The formats are those of ``merge-impls run``: floats in [0, 1], uint8 or uint16.
    """

    files: FilesOfImages

    def identity(self, name: str) -> str:
        """A digest of the file of an image."""
        return self.files.sha256(name)

    def read(self, name: str, size: Size) -> dict[tuple[int, int], Float32Array]:
        """The undirected affinities (H, W) float32 of an image of ``size``, by offset (down, right).

        Raises ValueError, one line that names the file, if the file does not hold them.
        """
        path = self.files.path(name)
        arrays = read_affinities(path, None, ("offsets",))
        if "offsets" not in arrays:
            raise ValueError(
                f"{path}: has no array 'offsets' beside the affinities; save the offset (down, right) of "
                "each channel there"
            )
        _check_size(path, arrays["affinities"].shape[1:], size)
        try:
            affinities, offsets = canonical(
                arrays["affinities"], arrays["offsets"], layout="channels_first"
            )
        except (ValueError, TypeError) as error:
            raise ValueError(f"{path}: {one_line_error_message(error)}") from None
        if offsets.shape[1] != 2:
            raise ValueError(f"{path}: has offsets in 3-D; give offsets (down, right) of an image")
        scale = np.float32(ONE) if affinities.dtype == np.uint16 else np.float32(1)
        plain: Float32Array = affinities.astype(np.float32) / scale
        return {
            (down, right): values
            for (down, right), values in zip(offsets.tolist(), plain, strict=True)
        }


def _read_class_names(
    folder: Path, classes: Sequence[str]
) -> tuple[Sequence[str], Mapping[int, str]]:
    """The names of the channels, and the name of each label id. One of the two is empty.

    Raises ValueError, one line, unless the names are those of all classes, and "background".
    """
    path = folder / CLASSES_FILE
    content = _read_json(path)
    channels, ids = content.get("channels", []), content.get("label_ids", {})
    if bool(channels) == bool(ids) or content.keys() - {"channels", "label_ids"}:
        raise ValueError(
            f"{path}: must have one entry, 'channels' for class scores or 'label_ids' for label maps"
        )
    try:
        names, by_id = [*map(str, channels)], {int(key): str(ids[key]) for key in ids}
    except (TypeError, ValueError):
        raise ValueError(
            f"{path}: 'channels' must be a list of names, 'label_ids' names by whole numbers"
        ) from None
    named = {*names, *by_id.values()}
    for wrong, what in (
        (sorted(named - {*classes, BACKGROUND}), "names the class"),
        ([each for each in (BACKGROUND, *classes) if each not in named], "does not name"),
    ):
        if wrong:
            known = ", ".join((BACKGROUND, *classes))
            raise ValueError(f"{path}: {what} {wrong[0]!r}; name each of {known}, and no other")
    if any(label < 0 for label in by_id):
        raise ValueError(f"{path}: has the label id {min(by_id)}; label ids are 0 or larger")
    return names, by_id


def _read_json(path: Path) -> Mapping[str, Any]:
    """The object in a JSON file. Raises FileNotFoundError or ValueError, one line."""
    if not path.exists():
        raise FileNotFoundError(
            f"{path}: is missing; name there the channels of the class scores, or the label ids"
        )
    check_regular_file(path)
    try:
        content = json.loads(path.read_text(encoding="utf-8-sig"))
    except ValueError as error:
        raise ValueError(f"{path}: is not JSON: {one_line_error_message(error)}") from None
    if not isinstance(content, dict):
        raise ValueError(f"{path}: must be an object with the entry 'channels' or 'label_ids'")
    return content


def _check_size(path: Path, found: tuple[int, ...], size: Size) -> None:
    """Raise ValueError unless a map (H, W) has the size of its image."""
    if tuple(found) != size:
        sides = " x ".join(map(str, found))
        raise ValueError(
            f"{path}: holds maps of {sides} rows x columns, but its image has {size[0]} x {size[1]}; save "
            "maps of the whole image at its size"
        )


def _check_scores(path: Path, scores: AnyArray, channels: int, size: Size) -> None:
    """Raise ValueError unless ``scores`` are probabilities (channels, H, W) that sum to 1 at each pixel."""
    if scores.dtype.kind != "f" or scores.ndim != 3 or len(scores) != channels:
        raise ValueError(
            f"{path}: holds {scores.dtype} of shape {scores.shape}, but {CLASSES_FILE} names {channels} "
            "channels; save floats of shape (channels, height, width)"
        )
    _check_size(path, scores.shape[1:], size)
    sums = scores.sum(axis=0, dtype=np.float32)
    lowest = float(scores.min(initial=0))
    if not (lowest >= 0 and np.abs(sums - 1).max(initial=0) <= LARGEST_SUM_ERROR):
        raise ValueError(
            f"{path}: holds scores that are no probabilities: they must be at least 0 and sum to 1 at each "
            "pixel; save the softmax of the logits"
        )
