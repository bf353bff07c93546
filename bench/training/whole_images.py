"""The whole images of a data set for a training, which are read when a step needs them."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from bench.datasets import Dataset
from bench.digests import json_digest
from bench.training.file_stamps import read_or_make_stamps
from bench.training.training_images import to_annotated_image
from models.image_preprocessing import stretch_contrast
from models.training.crop_batches import AnnotatedImage, ImagesOnDisk

KEPT_BYTES = 2**30
"""The largest size of the images that a process keeps in memory. Others are read again for each crop."""


class WholeImages(ImagesOnDisk):
    """Images of the split ``train``. ``images[i]`` reads image i, or returns it if it is kept in memory.

    digest: of the names of the images and of the contents of their files; see ``digest_of_whole_images``.
    stretch: whether to stretch the contrast of the images. (At inference, ``infer_batch`` does this.)
    """

    def __init__(self, data: Dataset, names: Sequence[str], digest: str, stretch: bool) -> None:
        self.data, self.names, self.stretch = data, names, stretch
        self.digest = f"{digest}, stretched" if stretch else digest
        self._kept: dict[int, AnnotatedImage] = {}
        self._free_bytes = KEPT_BYTES

    def __len__(self) -> int:
        return len(self.names)

    def read(self, index: int) -> AnnotatedImage:
        """The image with its annotation."""
        if index in self._kept:
            return self._kept[index]
        image = to_annotated_image(self.data.load("train", self.names[index]))
        if self.stretch:
            image = replace(image, image=stretch_contrast(image.image))
        size = image.image.nbytes + image.semantic.nbytes + image.instances.nbytes
        if size <= self._free_bytes:
            self._free_bytes -= size
            self._kept[index] = image
        return image


def digest_of_whole_images(
    data: Dataset, names: Sequence[str], index: Path, writes_index: bool = True
) -> str:
    """SHA-256 (hex) of the names of images of ``train``, and of the contents of their files.

    index: the JSON file that keeps the hashes of the files. writes_index: whether it is written again.
    """
    files = {*data.image_files("train", names), *data.annotation_files("train", names)}
    paths = [path.relative_to(data.root).as_posix() for path in files]
    stamps = read_or_make_stamps(data.root, paths, index, writes_index)
    return json_digest(
        {"names": list(names), "files": {path: stamps[path][2] for path in sorted(paths)}}
    )
