"""Data sets by name: where images and their annotations come from."""

from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

from bench.datasets.dataset import Dataset, Preset


@cache
def datasets() -> dict[str, type[Dataset]]:
    """All data sets by name: the ``DATASET`` of each module and package of this folder that has one."""
    modules = [import_module(f"{__name__}.{found.name}") for found in iter_modules(__path__)]
    readers = [module.DATASET for module in modules if hasattr(module, "DATASET")]
    return {reader.name: reader for reader in readers}


def dataset_class(name: str) -> type[Dataset]:
    """The data set of this name; raises ValueError for an unknown one."""
    if name not in datasets():
        raise ValueError(f"dataset: {name!r} is not known; there are {', '.join(datasets())}")
    return datasets()[name]


def open_dataset(name: str, root: str | Path) -> Dataset:
    """The data set of this name below ``root``.

    Raises ValueError for an unknown name, FileNotFoundError if there is no data set in ``root``.
    """
    return dataset_class(name)(root)


__all__ = ["Dataset", "Preset", "dataset_class", "datasets", "open_dataset"]
