"""Reads predictions of any program in Cityscapes' result format, one image at a time.

The format is described in :mod:`bench.evaluation.prediction_writer`. As in the official evaluator,
the text file of an image may lie in any subfolder. Its name begins with ``CITY_SEQUENCE_FRAME`` and
ends in ``.txt``; for images not named that way it is ``NAME.txt`` or ``NAME_pred.txt``. A mask is every
pixel that is not black. Input that the evaluator would drop silently raises an error with a one-line message.
"""

import math
import os
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath

import numpy as np
from cityscapesscripts.helpers.labels import labels
from PIL import Image

from bench.evaluation.prediction_writer import LABEL_IDS
from bench.types import Instance, Size
from merge_impls.arrays import BoolArray

LABEL_NAMES = {label.id: label.name for label in labels}
"""Cityscapes label id -> name, of all labels."""

_CITYSCAPES_NAME = re.compile(r".+?_\d{6}_\d{6}")


class PredictionReader:
    """The predictions of ``names``, the images of a data set, below ``folder``.

    class_names: those that are scored; label_names: the names of label ids, by default Cityscapes'.
    ignored: how many predictions of other labels :meth:`read` has left out so far, by name.

    Raises FileNotFoundError for a folder or an image's file that is not there, ValueError for two files of
    one image.
    """

    def __init__(
        self,
        folder: Path,
        names: Iterable[str],
        class_names: Collection[str] = tuple(LABEL_IDS),
        label_names: Mapping[int, str] = LABEL_NAMES,
    ) -> None:
        self.folder = Path(folder)
        self._class_names, self._label_names = class_names, label_names
        self.ignored: Counter[str] = Counter()
        self._files = _find_files(self.folder, list(names))

    def read(self, name: str, size: Size) -> list[Instance]:
        """The predictions of an image of ``size`` (height, width), in the order of its file.

        Raises ValueError or FileNotFoundError for a line that is not ``MASK.png LABEL_ID CONFIDENCE``, and
        for a mask that is missing, unreadable, of another size, listed twice or outside the folder.
        """
        path = self._files[name]
        instances, listed = [], set()
        for number, line in enumerate(_read_lines(path), start=1):
            where = f"{path}, line {number}"
            mask, label, confidence = self._parse_line(where, line)
            place = self._mask_path(where, path.parent, mask)
            if place in listed:
                # The official evaluator would take only the last of them.
                raise ValueError(
                    f"{where}: lists mask {mask} a second time; give each prediction its own mask file"
                )
            listed.add(place)
            if label in self._class_names:
                instances.append(Instance(_read_mask(where, place, size), label, confidence))
            else:
                self.ignored[label] += 1
        return instances

    def _parse_line(self, where: str, line: str) -> tuple[str, str, float]:
        """The path of the mask, the name of the label and the confidence in one line."""
        fields = line.split(" ")
        if len(fields) != 3:
            raise ValueError(
                f"{where}: is {line!r}; write MASK.png LABEL_ID CONFIDENCE, with one space between them"
            )
        mask, label_id, confidence = fields
        label, value = _number_or_nan(label_id), _number_or_nan(confidence)
        if label not in self._label_names:
            scored = [pair for pair in self._label_names.items() if pair[1] in self._class_names]
            known = ", ".join(f"{number} {name}" for number, name in scored)
            raise ValueError(
                f"{where}: label id {label_id!r} is unknown; the scored labels are {known}"
            )
        if not math.isfinite(value):
            raise ValueError(
                f"{where}: confidence {confidence!r} is not a finite number; write one"
            )
        return mask, self._label_names[int(label)], value

    def _mask_path(self, where: str, parent: Path, mask: str) -> Path:
        """The absolute path of a mask, given relative to the text file; it has to lie in the folder."""
        place = Path(os.path.abspath(parent / mask))
        inside = place.is_relative_to(os.path.abspath(self.folder))
        if PurePosixPath(mask).is_absolute() or not inside:
            raise ValueError(
                f"{where}: mask {mask} is not in {self.folder}; put it there and name it relative to {parent}"
            )
        return place


def _number_or_nan(text: str) -> float:
    """The number that the text holds, nan if it holds none."""
    try:
        return float(text)
    except ValueError:
        return math.nan


def _find_files(folder: Path, names: list[str]) -> dict[str, Path]:
    """The text file of each image, by the image's name."""
    if not folder.is_dir():
        raise FileNotFoundError(
            f"{folder}: is not a folder; name one that holds NAME_pred.txt of every image"
        )
    short = {PurePosixPath(name).name: name for name in names}
    found: dict[str, Path] = {}
    for path in sorted(folder.rglob("*.txt")):
        name = next((short[key] for key in _possible_image_names(path.stem) if key in short), None)
        if name in found:
            raise ValueError(
                f"{folder}: {found[name].relative_to(folder)} and {path.relative_to(folder)} both belong "
                f"to image {name}; delete one"
            )
        if name is not None:
            found[name] = path
    missing = [name for name in names if name not in found]
    if missing:
        more = len(missing) - 1
        others, and_so_on = (f" and {more} others", " (and so on)") if more else ("", "")
        raise FileNotFoundError(
            f"{folder}: has no file for image {missing[0]}{others}; write "
            f"{PurePosixPath(missing[0]).name}_pred.txt{and_so_on}, empty if nothing was found"
        )
    return found


def _possible_image_names(stem: str) -> Iterator[str]:
    """The image names that a file name may stand for, the most likely first."""
    yield stem
    yield stem.removesuffix("_pred")
    official = _CITYSCAPES_NAME.match(stem)
    if official:
        yield official.group()


def _read_lines(path: Path) -> list[str]:
    """The lines of a text file in UTF-8."""
    try:
        return path.read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError as error:
        raise ValueError(f"{path}: is not UTF-8 text ({error.reason}); save it as UTF-8") from None


def _read_mask(where: str, path: Path, size: Size) -> BoolArray:
    """The mask in a picture file, (H, W) bool."""
    try:
        with Image.open(path) as picture:
            if picture.size != size[::-1]:
                width, height = picture.size
                raise ValueError(
                    f"{where}: mask {path.name} is {width}x{height} pixels, its image {size[1]}x{size[0]}; "
                    "write masks of the image's size"
                )
            mask: BoolArray = np.asarray(picture.convert("L")) != 0
            return mask
    except FileNotFoundError:
        raise FileNotFoundError(
            f"{where}: there is no mask {path}; write it, or delete the line"
        ) from None
    except (OSError, SyntaxError, Image.DecompressionBombError) as error:
        raise ValueError(
            f"{where}: mask {path.name} cannot be read ({error}); write it again as 8-bit PNG"
        ) from None
