"""Data sets by name: where images and their annotations come from."""

from pathlib import Path

from bench.datasets.cityscapes import Cityscapes

DATASETS = {"scenes": Cityscapes, "cityscapes": Cityscapes}
"""Readers by name; each is made from a root folder."""


def open_dataset(name: str, root: str | Path) -> Cityscapes:
    """The data set of this name that lies below ``root``.

    Raises ValueError for a name that is not known, FileNotFoundError where nothing lies there.
    """
    if name not in DATASETS:
        raise ValueError(f"dataset: {name!r} is not known; there are {', '.join(DATASETS)}")
    return DATASETS[name](root)


__all__ = ["DATASETS", "Cityscapes", "open_dataset"]
