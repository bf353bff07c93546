"""Writes predictions in the result format of the Cityscapes benchmark.

    FOLDER/NAME_pred.txt            one line for each prediction: ``masks/NAME_0000.png LABEL_ID CONFIDENCE``
    FOLDER/masks/NAME_0000.png      8-bit, 255 inside the predicted object, 0 outside

NAME is the name of the image, in Cityscapes ``CITY_SEQUENCE_FRAME``. It may contain folders, such as
``CITY/CITY_SEQUENCE_FRAME``; the masks are then in ``FOLDER/CITY/masks``.
:mod:`bench.evaluation.prediction_reader` reads this format.
"""

import os
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath

import numpy as np
from cityscapesscripts.helpers.labels import labels
from PIL import Image

from bench.types import Instance

LABEL_IDS = {
    label.name: label.id for label in labels if label.hasInstances and not label.ignoreInEval
}
"""The Cityscapes label id of each class that the official evaluator scores, by the name of the class."""

_LISTING_SUFFIX = "_pred.txt"
_MASK_FOLDER = "masks"


def prediction_file(folder: Path, name: str) -> Path:
    """The path of the text file that lists the predictions of the image ``name``."""
    return Path(folder) / f"{name}{_LISTING_SUFFIX}"


def write_predictions(folder: Path, predictions: Mapping[str, Sequence[Instance]]) -> None:
    """Write the predictions of all images to ``folder``. If writing fails, ``folder`` stays as it was.

    An existing folder of predictions is replaced. Raises ValueError for an image name that is not a valid
    file name of the format, KeyError for an unknown class, FileExistsError if ``folder`` holds other files.
    """
    folder = Path(folder)
    for name in predictions:
        _check_image_name(name)
    if folder.exists() and not _holds_only_predictions(folder):
        raise FileExistsError(
            f"{folder}: holds files that are not predictions; choose a new or empty folder"
        )
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}.") as scratch:
        fresh = Path(scratch, "new")
        fresh.mkdir()
        for name, instances in predictions.items():
            _write_image_predictions(fresh, name, instances)
        if folder.exists():
            os.replace(folder, Path(scratch, "old"))
        os.replace(fresh, folder)


def _check_image_name(name: str) -> None:
    # Fields of a line are separated by spaces, and masks must be inside the folder.
    strange_part = not {"", ".", ".."}.isdisjoint(name.split("/"))
    if strange_part or any(character.isspace() for character in name):
        raise ValueError(f"image name {name!r}: must be a relative path without spaces")


def _holds_only_predictions(folder: Path) -> bool:
    return folder.is_dir() and all(
        file.name.endswith(_LISTING_SUFFIX)
        or (file.parent.name == _MASK_FOLDER and file.suffix == ".png")
        for file in folder.rglob("*")
        if not file.is_dir()
    )


def _write_image_predictions(folder: Path, name: str, instances: Sequence[Instance]) -> None:
    listing = prediction_file(folder, name)
    (listing.parent / _MASK_FOLDER).mkdir(parents=True, exist_ok=True)
    lines = []
    for number, instance in enumerate(instances):
        mask = f"{_MASK_FOLDER}/{PurePosixPath(name).name}_{number:04d}.png"
        picture = Image.fromarray(np.where(instance.mask, np.uint8(255), np.uint8(0)))
        picture.save(listing.parent / mask, compress_level=1)
        # repr writes all digits, so that the order of confidences is the same after reading.
        lines.append(f"{mask} {LABEL_IDS[instance.class_name]} {float(instance.confidence)!r}\n")
    listing.write_text("".join(lines))
