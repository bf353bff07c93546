"""Random problems where merges go wrong: ties, thresholds met exactly, odd grids, empty stages."""

from collections.abc import Iterator

import numpy as np

from merge_impls.problem import MergeProblem
from merge_impls.validation import LINKAGES

ONE = 65535


def random_problems(seed: int, count: int) -> Iterator[MergeProblem]:
    """``count`` problems, always the same ones for a seed."""
    for number in range(count):
        yield random_problem(np.random.default_rng([seed, number]))


def random_problem(rng: np.random.Generator) -> MergeProblem:
    """A 2-D or 3-D grid or a multigraph of at most some hundred vertices, either linkage."""
    kind = rng.choice(["2-D", "3-D", "graph"], p=[0.5, 0.2, 0.3])
    return _graph(rng) if kind == "graph" else _grid(rng, 2 if kind == "2-D" else 3)


def _grid(rng: np.random.Generator, ndim: int) -> MergeProblem:
    shape = _grid_shape(rng, ndim)
    offsets = _offsets(rng, ndim)
    affinities = _affinities(rng, (len(offsets), *shape))
    stages, thresholds = _stages(rng, len(offsets), affinities)
    return MergeProblem.from_grid(
        _in_any_form(rng, affinities),
        offsets,
        stages,
        thresholds,
        mask=_mask(rng, shape),
        linkage=rng.choice(LINKAGES),
    )


def _grid_shape(rng: np.random.Generator, ndim: int) -> tuple[int, ...]:
    longest = 12 if ndim == 2 else 5
    shape = rng.integers(1, longest + 1, ndim)
    odd = rng.random()
    if odd < 0.05:
        shape[:] = 1
    elif odd < 0.15:
        shape[:] = 1
        shape[rng.integers(ndim)] = rng.integers(2, 40)
    return tuple(shape.tolist())


def _offsets(rng: np.random.Generator, ndim: int) -> np.ndarray:
    """Some lexicographically positive offsets; a reach of 60 is longer than any of the grids."""
    reach = rng.choice([1, 2, 4, 60], p=[0.4, 0.3, 0.2, 0.1])
    found: dict[tuple[int, ...], None] = {}
    for offset in rng.integers(-reach, reach + 1, (rng.integers(1, 16), ndim)).tolist():
        if any(offset):
            found[max(tuple(offset), tuple(-step for step in offset))] = None
    return np.array(list(found), np.int64).reshape(-1, ndim)


def _mask(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray | None:
    style = rng.choice(
        ["none", "all", "empty", "one", "dense", "sparse"], p=[0.3, *[0.05] * 3, 0.35, 0.2]
    )
    if style == "none":
        return None
    if style == "one":
        mask = np.zeros(shape, np.bool_)
        mask.flat[rng.integers(mask.size)] = True
        return mask
    return rng.random(shape) < {"all": 1, "empty": 0, "dense": 0.8, "sparse": 0.4}[style]


def _graph(rng: np.random.Generator) -> MergeProblem:
    vertices = int(rng.integers(1, 25))
    edges = _edges(rng, vertices)
    affinities = _affinities(rng, (len(edges),))
    stages, thresholds = _stages(rng, len(edges), affinities)
    return MergeProblem.from_edges(
        vertices,
        edges,
        _in_any_form(rng, affinities),
        stages,
        thresholds,
        linkage=rng.choice(LINKAGES),
    )


def _edges(rng: np.random.Generator, vertices: int) -> np.ndarray:
    """Edges in any direction, some several times; at times in parts that do not touch."""
    every_pair = np.stack(np.triu_indices(vertices, 1), axis=1)
    if rng.random() < 0.3:
        parts = rng.integers(0, 3, vertices)
        every_pair = every_pair[parts[every_pair[:, 0]] == parts[every_pair[:, 1]]]
    if len(every_pair) == 0 or rng.random() < 0.05:
        return np.empty((0, 2), np.int64)
    if rng.random() < 0.2:
        edges = every_pair
    else:
        edges = rng.choice(every_pair, rng.integers(1, 4 * vertices + 1))
    turned = rng.random(len(edges)) < 0.5
    return np.where(turned[:, None], edges[:, ::-1], edges)


def _affinities(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Few levels make ties; close levels make weights that only rounding tells apart."""
    style = rng.choice(
        ["any", "levels", "close", "zeros", "constant"], p=[0.25, 0.4, 0.15, 0.1, 0.1]
    )
    if style == "any":
        return rng.integers(0, ONE + 1, shape, np.uint16)
    if style == "levels":
        levels = int(rng.integers(2, 7))
        return (rng.integers(0, levels, shape) * ONE // (levels - 1)).astype(np.uint16)
    if style == "close":
        return rng.integers(40000, 40004, shape, np.uint16)
    if style == "zeros":
        return np.where(rng.random(shape) < 0.8, 0, rng.integers(0, ONE + 1, shape)).astype(
            np.uint16
        )
    return np.full(shape, rng.integers(0, ONE + 1), np.uint16)


def _stages(
    rng: np.random.Generator, length: int, affinities: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Stages, some maybe empty, and thresholds: falling, equal, any, met exactly, 0 and 1."""
    count = int(rng.integers(1, 5))
    stages = rng.choice(rng.integers(0, count, count), length)
    # Squared, because low thresholds let more merges happen, and later merges are the harder ones.
    thresholds = rng.random(count) ** 2
    if affinities.size and rng.random() < 0.5:
        thresholds = rng.choice(affinities.ravel(), count) / ONE
    thresholds[rng.random(count) < 0.1] = 0
    thresholds[rng.random(count) < 0.1] = 1
    order = rng.random()
    if order < 0.5:
        thresholds = np.sort(thresholds)[::-1]
    elif order < 0.65:
        thresholds[:] = thresholds[0]
    return stages, thresholds


def _in_any_form(rng: np.random.Generator, affinities: np.ndarray) -> np.ndarray:
    """The same affinities as fixed point or as floats, contiguous or not."""
    if rng.random() < 0.4:
        affinities = (affinities / ONE).astype(rng.choice(["float32", "float64"]))
    if rng.random() < 0.3:
        affinities = np.asfortranarray(affinities)
    return affinities
