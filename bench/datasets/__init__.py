"""Data sets, found by name: they read images and annotations from disk."""

from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

from bench.datasets.dataset import Dataset, PipelinePreset


@cache
def datasets() -> dict[str, type[Dataset]]:
    """All data sets by name: the class ``DATASET`` of each module or package of this folder that has one."""
    modules = [import_module(f"{__name__}.{found.name}") for found in iter_modules(__path__)]
    readers = [module.DATASET for module in modules if hasattr(module, "DATASET")]
    return {reader.name: reader for reader in readers}


def dataset_class(name: str) -> type[Dataset]:
    """The data set class of this name; raises ValueError for an unknown name."""
    if name not in datasets():
        raise ValueError(f"dataset: {name!r} is unknown; choose one of {', '.join(datasets())}")
    return datasets()[name]


def open_dataset(name: str, root: str | Path) -> Dataset:
    """Open the data set of this name in the folder ``root``.

    Raises ValueError for an unknown name, and FileNotFoundError if ``root`` does not hold such a data set.
    """
    return dataset_class(name)(root)


__all__ = ["Dataset", "PipelinePreset", "dataset_class", "datasets", "open_dataset"]
