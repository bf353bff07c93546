"""Keeps the results of a study's images in memory, each in some hundred bytes instead of some thousand."""

import pickle
import zlib
from collections.abc import Iterator, MutableMapping, Sequence
from dataclasses import dataclass
from typing import overload

from bench.runner.image_results import ImageResult
from bench.runner.merge_work import ImageCase
from bench.runner.study import Variant

WINDOW_BITS = 12
"""zlib looks 4,096 bytes back, which is longer than most results."""


class PackedResults(MutableMapping[ImageCase, ImageResult]):
    """The results of images with their variants. Each is packed, and unpacked whenever it is read.

    Results are alike, so all are compressed with the first result as zlib's dictionary.
    """

    def __init__(self) -> None:
        self._packed: dict[ImageCase, bytes] = {}
        self._first = b""

    def __setitem__(self, case: ImageCase, result: ImageResult) -> None:
        content = pickle.dumps(result, pickle.HIGHEST_PROTOCOL)
        self._first = self._first or content
        packer = zlib.compressobj(wbits=WINDOW_BITS, zdict=self._first)
        self._packed[case] = packer.compress(content) + packer.flush()

    def __getitem__(self, case: ImageCase) -> ImageResult:
        unpacker = zlib.decompressobj(wbits=WINDOW_BITS, zdict=self._first)
        result: ImageResult = pickle.loads(unpacker.decompress(self._packed[case]))
        return result

    @property
    def packed_bytes(self) -> int:
        """The number of bytes of all packed results."""
        return sum(map(len, self._packed.values()))

    def __delitem__(self, case: ImageCase) -> None:
        del self._packed[case]

    def __contains__(self, case: object) -> bool:
        return case in self._packed

    def __iter__(self) -> Iterator[ImageCase]:
        return iter(self._packed)

    def __len__(self) -> int:
        return len(self._packed)


@dataclass(frozen=True)
class ResultsOfVariant(Sequence[ImageResult]):
    """The results of a variant for the images ``names``, in this order."""

    results: PackedResults
    variant: Variant
    names: Sequence[str]

    @overload
    def __getitem__(self, place: int) -> ImageResult: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[ImageResult]: ...
    def __getitem__(self, place: int | slice) -> ImageResult | Sequence[ImageResult]:
        if isinstance(place, slice):
            return ResultsOfVariant(self.results, self.variant, self.names[place])
        return self.results[self.names[place], self.variant]

    def __len__(self) -> int:
        return len(self.names)
