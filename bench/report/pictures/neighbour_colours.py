"""Numbers for instances such that neighbours get colours that can be told apart, in several maps at once."""

from collections.abc import Mapping
from heapq import heapify, heappop, heappush
from itertools import chain, count

import numpy as np
import numpy.typing as npt

from bench.report.pictures.colours import Labels

PREFERRED = 8
"""The colours of so many first numbers differ most. More are taken only if neighbours have all of these."""

_SHIFTS = ((0, 1), (1, 0), (1, 1), (1, -1), (0, 2), (2, 0))
"""The distances, in rows and columns, at which two instances are neighbours."""


def renumber_for_colours(*maps: Labels) -> list[npt.NDArray[np.int64]]:
    """The maps (H, W) with new numbers: neighbours in any map have different numbers, mostly 1 to 8.

    An instance has the same number in all maps; 0 stays 0. Instances may share a number if they are not
    neighbours.
    """
    flat = np.concatenate([[0], *(labels.ravel() for labels in maps)])
    names, places = np.unique(flat, return_inverse=True)
    sizes = np.cumsum([1, *(labels.size for labels in maps)])
    dense = [
        places[start : start + labels.size].reshape(labels.shape)
        for start, labels in zip(sizes[:-1], maps, strict=True)
    ]
    neighbours: dict[int, set[int]] = {vertex: set() for vertex in range(1, len(names))}
    for first, second in chain.from_iterable(map(_neighbouring_pairs, dense)):
        neighbours[first].add(second)
        neighbours[second].add(first)
    numbers = np.zeros(len(names), np.int64)
    for vertex in reversed(_vertices_by_remaining_degree(neighbours)):
        taken = {int(numbers[other]) for other in neighbours[vertex]}
        numbers[vertex] = _first_free_number(int(names[vertex]), taken)
    return [numbers[each] for each in dense]


def _neighbouring_pairs(labels: Labels) -> list[tuple[int, int]]:
    """The pairs (first, second) of instances, each once, with pixels at one of ``_SHIFTS``."""
    found = []
    rows, columns = labels.shape
    for down, right in _SHIFTS:
        left, most = max(0, -right), min(columns, columns - right)
        one = labels[: rows - down, left:most]
        other = labels[down:, left + right : most + right]
        apart = (one != other) & (one > 0) & (other > 0)
        found.append(np.stack([one[apart], other[apart]]))
    pairs = np.unique(np.sort(np.concatenate(found, axis=1), axis=0), axis=1)
    return [(int(first), int(second)) for first, second in pairs.T]


def _vertices_by_remaining_degree(neighbours: Mapping[int, set[int]]) -> list[int]:
    """Repeatedly remove the vertex that has the fewest neighbours left. Returns the order of removal.

    If vertices are coloured in the opposite order, each has few neighbours that are coloured already: at
    most 5 in a planar graph (Matula and Beck 1983, "Smallest-last ordering").
    """
    degrees = {vertex: len(others) for vertex, others in neighbours.items()}
    queue = [(degree, vertex) for vertex, degree in degrees.items()]
    heapify(queue)
    order: list[int] = []
    while queue:
        degree, vertex = heappop(queue)
        if degrees.get(vertex) != degree:
            continue
        del degrees[vertex]
        order.append(vertex)
        for other in neighbours[vertex]:
            if other in degrees:
                degrees[other] -= 1
                heappush(queue, (degrees[other], other))
    return order


def _first_free_number(name: int, taken: set[int]) -> int:
    """The first number that is not ``taken``, from the one that the name of an instance prefers."""
    preferred = ((name - 1 + step) % PREFERRED + 1 for step in range(PREFERRED))
    return next(number for number in chain(preferred, count(PREFERRED + 1)) if number not in taken)
