"""Data sets by name: where images and their annotations come from."""

from pathlib import Path

from bench.datasets.cityscapes import Cityscapes
from bench.datasets.image_folder import ImageFolder

Dataset = Cityscapes | ImageFolder
"""All readers have the methods names, image, load, annotation, truth_path and tuning, and the attributes
class_names, super_classes, colours and least_object_pixels."""

DATASETS: dict[str, type[Cityscapes] | type[ImageFolder]] = {
    "scenes": Cityscapes,
    "cityscapes": Cityscapes,
    "folder": ImageFolder,
}
"""Readers by name; each is made from a root folder."""


def open_dataset(name: str, root: str | Path) -> Dataset:
    """The data set of this name below ``root``.

    Raises ValueError for an unknown name, FileNotFoundError if there is no data set in ``root``.
    """
    if name not in DATASETS:
        raise ValueError(f"dataset: {name!r} is not known; there are {', '.join(DATASETS)}")
    return DATASETS[name](root)


__all__ = ["DATASETS", "Cityscapes", "Dataset", "ImageFolder", "open_dataset"]
