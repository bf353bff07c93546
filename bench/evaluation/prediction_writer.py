"""Predictions on disk in the format that the Cityscapes benchmark takes as a result.

    FOLDER/NAME_pred.txt            one line a prediction: ``masks/NAME_0000.png LABEL_ID CONFIDENCE``
    FOLDER/masks/NAME_0000.png      8-bit, 255 inside the predicted object, 0 outside

``NAME`` is the image's name up to its type, ``CITY_SEQUENCE_FRAME`` in Cityscapes. A name may lead
through folders, ``CITY/CITY_SEQUENCE_FRAME``; the masks then lie in ``FOLDER/CITY/masks``. What is written
here and what others wrote can be read by :mod:`bench.evaluation.prediction_reader`.
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
"""Class name -> Cityscapes label id, for the classes that the official evaluation scores."""

_LISTING_SUFFIX = "_pred.txt"
_MASK_FOLDER = "masks"


def prediction_file(folder: Path, name: str) -> Path:
    """The text file that lists the predictions of the image ``name``."""
    return Path(folder) / f"{name}{_LISTING_SUFFIX}"


def write_predictions(folder: Path, predictions: Mapping[str, Sequence[Instance]]) -> None:
    """Write the predictions of all images to ``folder``, or none.

    An existing prediction folder is replaced. Raises ValueError for an image name that
    cannot be a file name of the format, KeyError for an unknown class, FileExistsError if
    ``folder`` holds anything else than predictions.
    """
    folder = Path(folder)
    for name in predictions:
        _check_image_name(name)
    if folder.exists() and not _holds_only_predictions(folder):
        raise FileExistsError(
            f"{folder} holds other things than predictions: name a new or empty folder"
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
    # Fields are separated by single spaces, and masks have to lie inside the folder.
    strange_part = not {"", ".", ".."}.isdisjoint(name.split("/"))
    if strange_part or any(character.isspace() for character in name):
        raise ValueError(f"image name {name!r}: needs to be a relative path without spaces")


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
        # repr keeps every digit, so that scores are read in the same order.
        lines.append(f"{mask} {LABEL_IDS[instance.class_name]} {float(instance.confidence)!r}\n")
    listing.write_text("".join(lines))
