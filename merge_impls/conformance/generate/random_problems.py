"""Random merge problems as a hypothesis strategy.

An example draws each choice from a list that no other choice uses, and all numbers together as one
string of bytes. The reason: if two draws used equal strategies, hypothesis would often copy the drawn
data from one to the other, and most examples would have wrong lengths, or zeros instead of random
numbers. Strategies for integers and floats are not used, because hypothesis prefers numbers near
zero, and with such affinities hardly anything merges.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from hypothesis import strategies as st

from merge_impls.argument_checks import LINKAGES
from merge_impls.arrays import BoolArray, Float64Array, Int64Array, UInt16Array
from merge_impls.conformance.generate.array_layouts import (
    DTYPES,
    LAYOUTS,
    with_dtype_and_layout,
    with_memory_layout,
)
from merge_impls.conformance.generate.random_counts import Draw, draw_counts
from merge_impls.conformance.generate.values_from_bytes import (
    AFFINITY_STYLES,
    BYTES_A_THRESHOLD,
    ByteStream,
    affinities_from_bytes,
    map_bytes_to_range,
    thresholds_from_bytes,
)
from merge_impls.problem import MergeProblem

FORMS = ("2-D", "3-D", "edges")

LARGEST_COMPLETE = 12
"""The largest number of vertices of a complete graph."""


def problems(
    forms: Sequence[str] = FORMS,
    linkages: Sequence[str] = LINKAGES,
    thorough: bool = False,
    counts: bool = False,
) -> st.SearchStrategy[MergeProblem]:
    """A strategy for problems of up to about 80 vertices, or about 300 if ``thorough``.

    The problems have what is hard to merge right: many ties, many weights equal to a threshold, weights
    that differ only by rounding, up to five stages, stages without edges, grids of one row or one
    pixel, sparse and empty masks, offsets longer than the grid, several edges between two vertices,
    several connected components, and arrays of any dtype and memory layout that a caller may pass.
    forms: at least one of "2-D", "3-D" and "edges". linkages: the linkages to draw from.
    counts: whether some explicit edges have counts.
    Raises ValueError for any other form, and if there is no form.
    """
    unknown = [form for form in forms if form not in FORMS]
    if unknown or not forms:
        raise ValueError(f"forms are {list(forms)}; choose from {', '.join(FORMS)}")
    return _draw_problem(st.sampled_from(forms), st.sampled_from(linkages), thorough, counts)


@dataclass(frozen=True)
class _Choices:
    """The choices that grids and explicit graphs have in common. All are drawn before the bytes.

    affinities, spacing: the style and spacing of ``affinities_from_bytes``.
    dtype, layout: the dtype and memory layout of the affinities.
    order: the order of the thresholds. stages: the number of stages that may have edges.
    stage_style: how offsets or edges are distributed over these stages.
    more_stages: 1 if a stage without edges follows, else 0.
    """

    affinities: str
    spacing: int
    dtype: str
    layout: str
    order: str
    stages: int
    stage_style: str
    more_stages: int

    def count_bytes_for(self, channels: int) -> int:
        """The number of bytes that ``stages_from_stream`` and ``thresholds_from_stream`` consume.

        channels: the number of offsets of a grid, or of edges of a graph.
        """
        return channels + BYTES_A_THRESHOLD * (self.stages + self.more_stages)

    def stages_from_stream(self, stream: ByteStream, channels: int) -> Int64Array:
        """The stage of each offset or edge, (channels,) int64; a stage may have no edges."""
        data = stream.next_bytes(channels)
        if self.stage_style == "in order":
            return np.arange(channels) * self.stages // max(1, channels)
        if self.stage_style == "alone":
            data[:] = data[:1] if channels else 0
        return map_bytes_to_range(data, self.stages)

    def thresholds_from_stream(self, stream: ByteStream, affinities: UInt16Array) -> Float64Array:
        """The thresholds of all stages, float64."""
        return thresholds_from_bytes(stream, affinities, self.stages + self.more_stages, self.order)


# These strategies are made once, because making one takes longer than drawing from it. Each list is
# different from all others; the docstring of this module gives the reason.
_CHOICES = st.builds(
    _Choices,
    affinities=st.sampled_from(AFFINITY_STYLES),
    spacing=st.sampled_from(range(1, 7)),
    dtype=st.sampled_from(DTYPES),
    layout=st.sampled_from(LAYOUTS),
    order=st.sampled_from(["falling"] * 5 + ["any", "rising", "equal"]),
    stages=st.sampled_from([1, 2, 2, 3, 3, 4]),
    stage_style=st.sampled_from(["mixed"] * 4 + ["in order"] * 3 + ["alone"]),
    more_stages=st.sampled_from([0] * 4 + [1]),
)
_SHAPE_STYLES = st.sampled_from(["box"] * 17 + ["row"] * 2 + ["pixel"])
_NEIGHBOUR_STYLES = st.sampled_from(["all neighbours"] * 5 + ["one neighbour"])
_FAR_OFFSETS = st.sampled_from([()] * 9 + [(0, 60, -60)])
_NEARBY_REACHES = st.sampled_from([1, 1, 2, 2, 4])
_COUNTS_OF_NEARBY_OFFSETS = st.sampled_from(range(7))
_OBJECT_SIDES = st.sampled_from(range(2, 6))
_MASK_STYLES = st.sampled_from(
    ["none"] * 8 + ["dense"] * 8 + ["sparse"] * 3 + ["full", "empty", "one"]
)
_MASK_LAYOUTS = st.sampled_from(LAYOUTS[1:])
_GRAPH_STYLES = st.sampled_from(
    ["any"] * 5 + ["near"] * 5 + ["parts"] * 3 + ["complete"] * 2 + ["tree", "none"]
)
_EDGES_A_VERTEX = st.sampled_from([1, 2, 2, 3])
_COUNTS_OF_VERTICES = {False: st.sampled_from(range(1, 41)), True: st.sampled_from(range(1, 121))}


def _shape_strategies(ndim: int, longest: int) -> dict[str, st.SearchStrategy[tuple[int, ...]]]:
    """For each style in ``_SHAPE_STYLES``, a strategy for shapes.

    longest: the longest side of a box; a row is up to about four times as long.
    """
    rows = [
        tuple(length if axis == long else 1 for axis in range(ndim))
        for length in range(2, 4 * longest)
        for long in range(ndim)
    ]
    boxes = list(product(range(2, longest + 1), repeat=ndim))
    return {
        "box": st.sampled_from(boxes),
        "row": st.sampled_from(rows),
        "pixel": st.just((1,) * ndim),
    }


_SHAPES = {
    (ndim, thorough): _shape_strategies(ndim, longest)
    for ndim, thorough, longest in [(2, False, 9), (2, True, 17), (3, False, 4), (3, True, 6)]
}


@st.composite
def _draw_problem(
    draw: Draw,
    forms: st.SearchStrategy[str],
    linkages: st.SearchStrategy[str],
    thorough: bool,
    counts: bool,
) -> MergeProblem:
    form, linkage = draw(forms), draw(linkages)
    if form == "edges":
        graph = _draw_explicit_graph(draw, linkage, thorough)
        return draw_counts(draw, graph) if counts else graph
    return _draw_grid(draw, 2 if form == "2-D" else 3, linkage, thorough)


def _draw_byte_stream(draw: Draw, count: int) -> ByteStream:
    return ByteStream(draw(st.binary(min_size=count, max_size=count)))


def _draw_grid(draw: Draw, ndim: int, linkage: str, thorough: bool) -> MergeProblem:
    choices = draw(_CHOICES)
    shape = draw(_SHAPES[ndim, thorough][draw(_SHAPE_STYLES)])
    pixels = int(np.prod(shape))
    others = draw(_COUNTS_OF_NEARBY_OFFSETS)
    most = ndim + others + 1
    stream = _draw_byte_stream(draw, others + choices.count_bytes_for(most) + (most + 1) * pixels)
    offsets = _draw_offsets(draw, stream.next_bytes(others), ndim)
    stages = choices.stages_from_stream(stream, len(offsets))
    same = _pairs_in_one_object(shape, offsets, draw(_OBJECT_SIDES))
    fixed = affinities_from_bytes(stream, same, choices.affinities, choices.spacing)
    return MergeProblem.from_grid(
        with_dtype_and_layout(fixed, choices.dtype, choices.layout),
        offsets,
        stages,
        choices.thresholds_from_stream(stream, fixed),
        mask=_draw_mask(draw, stream, shape),
        linkage=linkage,
    )


def _draw_offsets(draw: Draw, others: Int64Array, ndim: int) -> Int64Array:
    """Draw the offsets of a grid, (K, ndim), all different.

    They lead to the direct neighbours (or to only one of them), to a pixel nearby for each byte of
    ``others``, and sometimes to a pixel that is farther away than the grid is long.
    """
    direct = [tuple(row) for row in np.eye(ndim, dtype=int).tolist()]
    found = dict.fromkeys(direct if draw(_NEIGHBOUR_STYLES) == "all neighbours" else direct[:1])
    reach = draw(_NEARBY_REACHES)
    near = [step for step in product(range(-reach, reach + 1), repeat=ndim) if step > (0,) * ndim]
    found |= {near[index]: None for index in map_bytes_to_range(others, len(near)).tolist()}
    far = draw(_FAR_OFFSETS)[:ndim]
    return np.array([*found, *([far] if far else [])], np.int64)


def _pairs_in_one_object(shape: tuple[int, ...], offsets: Int64Array, side: int) -> BoolArray:
    """(K, *shape) bool: whether pixel p and p + offset are in the same object.

    The objects are boxes with sides of ``side`` pixels that tile the grid.
    """
    pixels = np.indices(shape)
    others = pixels + offsets.reshape(*offsets.shape, *(1 for _ in shape))
    same: BoolArray = (pixels // side == others // side).all(axis=1)
    return same


def _draw_mask(draw: Draw, stream: ByteStream, shape: tuple[int, ...]) -> BoolArray | None:
    """Draw a mask with one of the styles ``_MASK_STYLES``; None for a grid without a mask."""
    style, data = draw(_MASK_STYLES), stream.next_bytes(*shape)
    if style == "none":
        return None
    below = {"dense": 215, "sparse": 100, "full": 256, "empty": 0, "one": 0}[style]
    mask = data < below
    if style == "one":
        mask.flat[np.argmax(data)] = True
    return with_memory_layout(mask, draw(_MASK_LAYOUTS))


def _draw_explicit_graph(draw: Draw, linkage: str, thorough: bool) -> MergeProblem:
    choices, style = draw(_CHOICES), draw(_GRAPH_STYLES)
    vertices = draw(_COUNTS_OF_VERTICES[thorough])
    count = _number_of_edges(style, vertices, draw(_EDGES_A_VERTEX))
    stream = _draw_byte_stream(draw, 5 * count + choices.count_bytes_for(count))
    edges = _edges_from_stream(stream, style, vertices, count)
    objects = np.arange(vertices) // draw(_OBJECT_SIDES)
    same = objects[edges[:, 0]] == objects[edges[:, 1]]
    stages = choices.stages_from_stream(stream, count)
    fixed = affinities_from_bytes(stream, same, choices.affinities, choices.spacing)
    return MergeProblem.from_edges(
        vertices,
        edges,
        with_dtype_and_layout(fixed, choices.dtype, choices.layout),
        stages,
        choices.thresholds_from_stream(stream, fixed),
        linkage=linkage,
    )


def _number_of_edges(style: str, vertices: int, edges_a_vertex: int) -> int:
    if style == "none" or vertices == 1:
        return 0
    if style == "complete":
        size = min(vertices, LARGEST_COMPLETE)
        return size * (size - 1) // 2
    return vertices - 1 if style == "tree" else edges_a_vertex * vertices


def _edges_from_stream(stream: ByteStream, style: str, vertices: int, count: int) -> Int64Array:
    """Return edges, (count, 2) int64, with their ends in either order; an edge may occur several times.

    style: "complete": a complete graph on the first vertices. "tree": each vertex has one edge to an
        earlier vertex. "near": edges between vertices with close numbers. "parts": no edge joins an
        even and an odd vertex. "any": any edges.
    """
    part, first, step, turned = stream.next_bytes(4, count)
    if style == "complete":
        u, v = np.triu_indices(min(vertices, LARGEST_COMPLETE), 1)
    elif style == "tree":
        v = np.arange(1, vertices)
        u = map_bytes_to_range(first, v)
    else:
        parts = 2 if style == "parts" and vertices >= 4 else 1
        size = vertices // parts
        first = map_bytes_to_range(first, size)
        second = (
            first + 1 + map_bytes_to_range(step, min(size - 1, 3) if style == "near" else size - 1)
        )
        u, v = (parts * (end % size) + map_bytes_to_range(part, parts) for end in (first, second))
    ends = np.stack([u, v], axis=1)
    return np.where(turned[:, None] < 128, ends, ends[:, ::-1])
