"""Reads predictions of any program in Cityscapes' result format, one image at a time.

:mod:`bench.evaluation.prediction_writer` describes the format. As in the official evaluator, the text file of
an image may be in any subfolder. Its name is ``NAME.txt`` or ``NAME_pred.txt``; for Cityscapes it may also be
any other name that begins with ``CITY_SEQUENCE_FRAME``. All pixels of a mask that are not black belong to
the mask. Input that the official evaluator would ignore silently raises an error here.
"""

import math
import os
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath

from cityscapesscripts.helpers.labels import labels

from bench.evaluation.prediction_writer import LABEL_IDS
from bench.picture_files.file_listing import list_files, look_alike_note
from bench.picture_files.picture_reading import read_mask
from bench.types import Instance, Size
from merge_impls.arrays import BoolArray
from merge_impls.regular_files import check_regular_file
from merge_impls.text_formats import format_shape

LABEL_NAMES = {label.id: label.name for label in labels}
"""The name of each Cityscapes label, by its id."""

_CITYSCAPES_NAME = re.compile(r".+?_\d{6}_\d{6}")


class PredictionReader:
    """Reads the predictions of images from a folder.

    names: the names of the images. Every image needs a text file.
    class_names: the classes that are scored.
    label_names: the name of each label id, by default those of Cityscapes.
    ignored: by label name, how many predictions :meth:`read_instances` left out because their label is
        not scored.
    empty_masks: the places of the predictions that it left out because no pixel belongs to their masks.

    Raises FileNotFoundError if the folder or the text file of an image is missing, ValueError if an image has
    two text files.
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
        self.empty_masks: list[str] = []
        self._files = _find_text_files(self.folder, list(names))

    def read_instances(self, name: str, size: Size) -> list[Instance]:
        """Read the predictions of an image of ``size`` (height, width), in the order of the lines.

        Raises ValueError for a line that is not ``MASK.png LABEL_ID CONFIDENCE``, and for a mask that is
        unreadable, of another size, listed twice or outside the folder; FileNotFoundError for a missing mask.
        """
        path = self._files[name]
        instances, listed = [], set()
        for number, line in enumerate(_read_lines(path), start=1):
            where = f"{path}, line {number}"
            mask, label, confidence = self._parse_line(where, line)
            place = self._mask_path(where, path.parent, mask)
            if place in listed:
                # The official evaluator would silently use only the last line with the same mask.
                raise ValueError(
                    f"{where}: lists mask {mask} a second time; give each prediction its own mask file"
                )
            listed.add(place)
            if label not in self._class_names:
                self.ignored[label] += 1
                continue
            pixels = _read_mask(where, place, size)
            if pixels.any():
                instances.append(Instance(pixels, label, confidence))
            else:
                self.empty_masks.append(where)
        return instances

    def _parse_line(self, where: str, line: str) -> tuple[str, str, float]:
        """Parse a line. Returns the path of the mask, the name of the label, and the confidence."""
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
        """The absolute path of a mask, which a line gives relative to its text file."""
        place = Path(os.path.abspath(parent / mask))
        inside = place.is_relative_to(os.path.abspath(self.folder))
        if PurePosixPath(mask).is_absolute() or not inside:
            raise ValueError(
                f"{where}: mask {mask} is not in {self.folder}; put it there and name it relative to {parent}"
            )
        return place


def _number_or_nan(text: str) -> float:
    """Convert text to a number; nan if the text is not a number."""
    try:
        return float(text)
    except ValueError:
        return math.nan


def _find_text_files(folder: Path, names: list[str]) -> dict[str, Path]:
    """The text file of each image, by the name of the image."""
    if not folder.is_dir():
        raise FileNotFoundError(
            f"{folder}: is not a folder; choose a folder with a file NAME_pred.txt for every image"
        )
    short = {PurePosixPath(name).name: name for name in names}
    found: dict[str, Path] = {}
    listing = list_files(folder, (".txt",), subfolders=True)
    listing.warn_of_links()
    for path in listing.files:
        name = next((short[key] for key in _possible_image_names(path.stem) if key in short), None)
        if name in found:
            raise ValueError(
                f"{folder}: {found[name].relative_to(folder)} and {path.relative_to(folder)} both belong "
                f"to image {name}; move one to another folder"
            )
        if name is not None:
            found[name] = path
    missing = [name for name in names if name not in found]
    if missing:
        _refuse_irregular_text_files(listing.left_out, missing)
        more = len(missing) - 1
        others, and_so_on = (f" and {more} others", " (and so on)") if more else ("", "")
        unused = [
            path.stem.removesuffix("_pred") for path in set(listing.files) - {*found.values()}
        ]
        note = look_alike_note(PurePosixPath(missing[0]).name, unused)
        raise FileNotFoundError(
            f"{folder}: has no file for image {missing[0]}{others}{note}; write "
            f"{PurePosixPath(missing[0]).name}_pred.txt{and_so_on}, empty if nothing was found"
        )
    return found


def _refuse_irregular_text_files(left_out: list[Path], missing: list[str]) -> None:
    """Raise ValueError for a FIFO, a device or a folder that is named as the text file of an image."""
    names = {PurePosixPath(name).name for name in missing}
    for path in left_out:
        is_named = path.suffix == ".txt" and not names.isdisjoint(_possible_image_names(path.stem))
        if is_named and path.exists():
            check_regular_file(path)


def _possible_image_names(stem: str) -> Iterator[str]:
    """The image names that the name of a text file, without .txt, may mean; the most likely first."""
    yield stem
    yield stem.removesuffix("_pred")
    official = _CITYSCAPES_NAME.match(stem)
    if official:
        yield official.group()


def _read_lines(path: Path) -> list[str]:
    """The lines of a text file. Raises ValueError if the file is not UTF-8."""
    try:
        return path.read_text(encoding="utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise ValueError(f"{path}: is not UTF-8 text ({error.reason}); save it as UTF-8") from None


def _read_mask(where: str, path: Path, size: Size) -> BoolArray:
    """The mask in a picture file, (H, W) bool. ``where`` names the line that lists the mask, for errors."""
    try:
        mask = read_mask(path, "write it again as 8-bit PNG")
    except FileNotFoundError:
        raise FileNotFoundError(
            f"{where}: there is no mask {path}; write it, or delete the line"
        ) from None
    except ValueError as error:
        reason = str(error).removeprefix(f"{path}: ")
        raise ValueError(f"{where}: mask {path.name} {reason}") from None
    if mask.shape != size:
        raise ValueError(
            f"{where}: mask {path.name} is {format_shape(mask.shape)} pixels (height x width), its image "
            f"{format_shape(size)}; write masks of the image's size"
        )
    return mask
