"""Checks of problems that are the same in every run: streets, large problems, and families of graphs."""

from collections.abc import Callable

from merge_impls.argument_checks import LINKAGES
from merge_impls.conformance.check import Check
from merge_impls.conformance.generate.large_problems import (
    far_corner,
    first_and_last_vertices,
    many_segments,
    many_stages,
    street_fields,
    street_in_planes,
    wide_grid,
)
from merge_impls.conformance.harness import CheckSkipped, Harness
from merge_impls.fields import FAMILIES, KIT_SIZE, graph_of_family
from merge_impls.problem import MergeProblem

LARGE_SHAPE, SMALL_SHAPE, TINY_SHAPE = (32, 64), (24, 32), (16, 24)
"""Height and width in pixels of the synthetic streets."""


def graph_checks() -> list[Check]:
    """Return the checks of this module, one for each graph and linkage."""
    seeded = [name for name, family in FAMILIES.items() if family.is_seeded]
    return [
        *(_street_check(linkage) for linkage in LINKAGES),
        *(_planes_check(linkage) for linkage in LINKAGES),
        *(_size_check(*size, linkage) for size in SIZE_CHECKS for linkage in LINKAGES),
        *(_family_check(family, linkage) for family in seeded for linkage in LINKAGES),
    ]


def _street_check(linkage: str) -> Check:
    def compare_streets(harness: Harness) -> None:
        harness.require_support(linkage, 2)
        for problem in street_fields(shape_for_reference(harness, LARGE_SHAPE), linkage):
            harness.require_reference_result(problem)

    claim = (
        "synthetic streets with noise, with 28 offsets in three stages as in the paper, give the same "
        "results as the reference; one of them has few different affinities"
    )
    return Check(f"fields/streets, {linkage}", claim, compare_streets)


def _planes_check(linkage: str) -> Check:
    def compare_planes(harness: Harness) -> None:
        harness.require_support(linkage, 3)
        harness.require_reference_result(
            street_in_planes(shape_for_reference(harness, SMALL_SHAPE), linkage)
        )

    claim = "a 3-D grid of two synthetic streets gives the same result as the reference"
    return Check(f"fields/planes, {linkage}", claim, compare_planes)


SIZE_CHECKS = [
    ("many stages", "a problem with eight stages is merged, with merges in each", 2, many_stages),
    (
        "far corner",
        "pixels with row and column numbers of 9 bits and raster indices of 17 bits are merged, so a pair "
        "of indices needs more than 32 bits",
        2,
        lambda linkage: far_corner((260, 300), linkage),
    ),
    (
        "far corner in 3-D",
        "pixels of a 3-D grid with raster indices of 17 bits are merged",
        3,
        lambda linkage: far_corner((5, 130, 120), linkage),
    ),
    (
        "first and last vertices",
        "edges between the first and the last of 70,000 vertices are merged",
        1,
        first_and_last_vertices,
    ),
    ("many segments", "more than 65,536 segments get their labels", 2, many_segments),
    (
        "large field",
        "a grid with more than 64 rows and columns and many ties is merged",
        2,
        wide_grid,
    ),
]
"""One row for each check of large problems: the name of the check, its claim, the number of dimensions
of the labels, and the function that makes the problem for a linkage."""

SIZES_FOR_LITERAL_MERGE = ("many stages", "far corner")
"""The names of the problems that ``literal_merge`` merges within about a second."""

SHRINK_SECONDS_OF_SIZE_CHECKS = 4.0
"""The value of ``Check.shrink_seconds`` in the checks of large problems and of families.

A few seconds are enough: either a small problem fails as well, and shrinking finds it fast, or only a
large problem fails, and more time does not help.
"""


def _size_check(
    name: str,
    claim: str,
    dimensions: int,
    problem_of: Callable[[str], MergeProblem],
    linkage: str,
) -> Check:
    def compare_large_problem(harness: Harness) -> None:
        harness.require_support(linkage, dimensions)
        if harness.comparator.reference.literal and name not in SIZES_FOR_LITERAL_MERGE:
            raise CheckSkipped(f"{harness.comparator.reference.name} would take minutes")
        harness.require_reference_result(problem_of(linkage))

    return Check(
        f"sizes/{name}, {linkage}", claim, compare_large_problem, SHRINK_SECONDS_OF_SIZE_CHECKS
    )


def shape_for_reference(harness: Harness, shape: tuple[int, int]) -> tuple[int, int]:
    """Return ``shape``, or ``TINY_SHAPE`` if the reference is slow."""
    return TINY_SHAPE if harness.comparator.reference.literal else shape


def _family_check(family: str, linkage: str) -> Check:
    def compare_small_graph(harness: Harness) -> None:
        harness.require_support(linkage, FAMILIES[family].dimensions)
        harness.require_reference_result(graph_of_family(family, KIT_SIZE, linkage=linkage))

    claim = f"a small graph gives the same result as the reference: {FAMILIES[family].stands_for}"
    return Check(
        f"families/{family}, {linkage}", claim, compare_small_graph, SHRINK_SECONDS_OF_SIZE_CHECKS
    )
