"""The families of graphs. Each stands for graphs that occur in practice, and can be made at any size."""

from collections.abc import Callable
from dataclasses import dataclass

from merge_impls.argument_checks import check_linkage
from merge_impls.fields import (
    dense_grids,
    explicit_graphs,
    meeting_segments,
    microscopy,
    real_volumes,
    street_variants,
)
from merge_impls.fields.portable_random import PortableRandom
from merge_impls.problem import MergeProblem

_STREAM = 2
"""The stream of random numbers of the families. Streets use the streams 0 and 1."""


@dataclass(frozen=True)
class Family:
    """Graphs of one kind and of any size.

    stands_for: where such graphs come from, and why they are hard to merge.
    make: makes a problem from (approximate number of edges, seed, linkage).
    dimensions: the number of dimensions of the labels.
    masked_out: whether the mask is (nearly) empty. The graph then has far fewer edges than ``make`` is
        given; the grid is as large as that of a street with this number of edges.
    reason_missing: for graphs made from files, a function that returns why the files cannot be read here,
        "" if they can; the seed is then not used. None for seeded graphs.
    """

    stands_for: str
    make: Callable[[int, int, str], MergeProblem]
    dimensions: int = 2
    masked_out: bool = False
    reason_missing: Callable[[], str] | None = None

    @property
    def is_seeded(self) -> bool:
        """Whether the graphs are made from random numbers alone, with the same bits on every machine."""
        return self.reason_missing is None


def _seeded_maker(
    make: Callable[[int, PortableRandom, str], MergeProblem],
) -> Callable[[int, int, str], MergeProblem]:
    return lambda edges, seed, linkage: make(edges, PortableRandom(seed, _STREAM), linkage)


def _street_maker(noise: str) -> Callable[[int, int, str], MergeProblem]:
    return lambda edges, seed, linkage: street_variants.street(edges, noise, seed, linkage)


FAMILIES = {
    "street-mild": Family(
        "a masked street with a good network's affinities", _street_maker("mild")
    ),
    "street-strong": Family(
        "a masked street with a poor network's affinities", _street_maker("strong")
    ),
    "eight-bit": Family(
        "affinities from uint8 files: a street with mild noise in 256 levels, so with many ties",
        street_variants.eight_bit_street,
    ),
    "two-valued": Family(
        "affinities of an annotation, 0 and 1 alone: a street where nearly all weights are equal",
        street_variants.two_valued_street,
    ),
    "constant": Family(
        "a map without information: a street's mask with all affinities 1, all weights equal",
        street_variants.constant_street,
    ),
    "dense-2d": Family(
        "a picture without mask, whose background becomes one giant segment beside many small ones",
        _seeded_maker(dense_grids.dense_2d),
    ),
    "dense-3d": Family(
        "a volume without mask, whose background becomes one giant segment beside many small ones",
        _seeded_maker(dense_grids.dense_3d),
        dimensions=3,
    ),
    "uniform-random": Family(
        "affinities of an untrained network: independent and uniform, on eight neighbours",
        _seeded_maker(dense_grids.uniform_random),
    ),
    "microscopy": Family(
        "electron microscopy: a boundary map's affinities at ten offsets; a few large cells and many "
        "single voxels at boundaries",
        _seeded_maker(microscopy.microscopy),
        dimensions=3,
    ),
    "meeting-segments": Family(
        "a hierarchy in which large segments meet others as large, each with many small neighbours",
        _seeded_maker(meeting_segments.meeting_segments),
    ),
    "star": Family(
        "a background vertex that touches all others, which form a ring",
        _seeded_maker(explicit_graphs.star),
        dimensions=1,
    ),
    "hubs": Family(
        "several vertices with thousands of common neighbours, such as a few large regions and dust",
        _seeded_maker(explicit_graphs.hubs),
        dimensions=1,
    ),
    "regions": Family(
        "a watershed's regions and the mean affinities between neighbours",
        _seeded_maker(explicit_graphs.regions),
        dimensions=1,
    ),
    "empty-mask": Family(
        "a frame of a video in which nothing is foreground",
        lambda edges, _, linkage: street_variants.empty_frame(edges, linkage),
        masked_out=True,
    ),
    "nearly-empty-mask": Family(
        "a frame of a video with a few small objects, whatever its size",
        _seeded_maker(street_variants.nearly_empty_frame),
        masked_out=True,
    ),
    "real-microscopy": Family(
        "a real volume of electron microscopy, with the offsets and thresholds of microscopy",
        lambda edges, _, linkage: real_volumes.real_microscopy(edges, linkage),
        dimensions=3,
        reason_missing=real_volumes.reason_volume_is_missing,
    ),
    "real-microscopy-nearest": Family(
        "a real volume of electron microscopy with three offsets, one giant segment beside single voxels",
        lambda edges, _, linkage: real_volumes.real_microscopy_nearest(edges, linkage),
        dimensions=3,
        reason_missing=real_volumes.reason_volume_is_missing,
    ),
}
"""All families by name. Families made from files come last."""

KIT_SIZE = 600
"""The size of the graphs in the conformance tests: a number of edges that slow backends merge at once."""


def reason_family_is_missing(family: str) -> str:
    """Why the graphs of a family cannot be made here, "" if they can."""
    missing = FAMILIES[family].reason_missing
    return missing() if missing else ""


def graph_of_family(
    family: str, size: int, seed: int = 0, linkage: str = "average"
) -> MergeProblem:
    """Make the graph of a family with about ``size`` edges. family: a name in ``FAMILIES``.

    If the mask of a family is (nearly) empty, its grid is that of a street with about ``size`` edges.
    Raises ValueError for an unknown family or linkage, a size below 1, or absent files.
    """
    if family not in FAMILIES:
        raise ValueError(f"family is {family!r}; known are {', '.join(FAMILIES)}")
    if size < 1:
        raise ValueError(f"a graph of {size} edges is too small; at least 1 is needed")
    return FAMILIES[family].make(size, seed, check_linkage(linkage))
