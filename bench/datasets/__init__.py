"""Data sets by name: where images and their annotations come from."""

from pathlib import Path

from bench.datasets.cityscapes import Cityscapes
from bench.datasets.image_folder import ImageFolder

Dataset = Cityscapes | ImageFolder
"""Readers offer the same: names, image, load, annotation, truth_path, tuning; class_names, super_classes."""

DATASETS: dict[str, type[Cityscapes] | type[ImageFolder]] = {
    "scenes": Cityscapes,
    "cityscapes": Cityscapes,
    "folder": ImageFolder,
}
"""Readers by name; each is made from a root folder."""


def open_dataset(name: str, root: str | Path) -> Dataset:
    """The data set of this name that lies below ``root``.

    Raises ValueError for a name that is not known, FileNotFoundError where nothing lies there.
    """
    if name not in DATASETS:
        raise ValueError(f"dataset: {name!r} is not known; there are {', '.join(DATASETS)}")
    return DATASETS[name](root)


__all__ = ["DATASETS", "Cityscapes", "Dataset", "ImageFolder", "open_dataset"]
