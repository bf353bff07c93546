"""Reads the annotations of many images one at a time."""

from collections.abc import Collection, Iterator, Mapping

from bench.datasets.dataset import Dataset
from bench.types import Annotation


class AnnotationsOnDemand(Mapping[str, Annotation]):
    """The annotations of some images of a split, by the name of the image.

    Each is read whenever it is used, so that those of many images need no more memory than one.
    """

    def __init__(self, dataset: Dataset, split: str, names: Collection[str]) -> None:
        self._dataset, self._split = dataset, split
        self._names = dict.fromkeys(names)

    def __getitem__(self, name: str) -> Annotation:
        if name not in self._names:
            raise KeyError(name)
        return self._dataset.annotation(self._split, name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)
