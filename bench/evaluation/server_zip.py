"""Writes predictions as the zip file that Cityscapes' evaluation server takes for the split test.

The archive holds a file ``CITY_SEQUENCE_FRAME_pred.txt`` for each image, and the folder ``masks``. The server
itself was not tried; ``server_zip_check`` lists the rules that are checked here.
"""

import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath

from bench.evaluation.prediction_writer import write_predictions
from bench.evaluation.scratch_folder import scratch_folder
from bench.types import Instance
from merge_impls.file_writing import atomic_write

_ZIP_TIME = (1980, 1, 1, 0, 0, 0)
"""The time of all members, so that the same predictions give the same bytes."""


def write_server_zip(path: Path, predictions: Mapping[str, Sequence[Instance]]) -> None:
    """Write the predictions of all images to a zip file. If writing fails, the file stays as it was.

    predictions: by the name of the image, with or without its city's folder, its instances.
    Raises ValueError if two images have the same name without folder, and the errors of
    ``write_predictions``.
    """
    flat: dict[str, Sequence[Instance]] = {}
    for name, instances in predictions.items():
        short = PurePosixPath(name).name
        if short in flat:
            raise ValueError(f"two images have the name {short}; rename one")
        flat[short] = instances
    with scratch_folder("export") as scratch, atomic_write(path) as partial:
        write_predictions(scratch / "predictions", flat)
        _zip_folder(scratch / "predictions", partial)


def _zip_folder(folder: Path, path: Path) -> None:
    """Write all files of a folder to a zip file, sorted. Masks are compressed again, which halves them."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(each for each in folder.rglob("*") if each.is_file()):
            member = zipfile.ZipInfo(file.relative_to(folder).as_posix(), _ZIP_TIME)
            member.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(member, file.read_bytes())
