"""Move the edges of a vertex to a larger or a smaller block."""

import numpy as np

from merge_impls.builtin.numba_kernels.blocks import (
    block_kind_for,
    copy_slot,
    free_block,
    make_half_edge,
    other_end,
    take_block,
    twin_slot,
)
from merge_impls.builtin.numba_kernels.compiling import compiled, inlined
from merge_impls.builtin.numba_kernels.hub import (
    become_hub,
    cease_to_be_hub,
    is_hub,
    remember_hub_edge,
    set_keys,
)
from merge_impls.builtin.numba_kernels.layouts import (
    NO_SLOT,
    NO_VERTEX,
    NO_WEIGHT,
    Graph,
    Integer,
    Pixels,
)
from merge_impls.builtin.numba_kernels.pixel_edges import make_pixel_edges


@inlined
def grow_block(graph: Graph, v: Integer) -> None:
    """Move the edges of a vertex to a block with ``live`` slots or more. Edges keep their slots."""
    vertex = graph.vertices[v]
    old, old_kind = np.int64(vertex.start), vertex.kind
    kind = block_kind_for(graph, vertex.live)
    start = take_block(graph, kind)
    for i in range(vertex.used):
        copy_slot(graph, start + i, old + i)
    free_block(graph, old, old_kind)
    vertex.start, vertex.kind = start, kind
    if old_kind >= graph.hub_kind:
        set_keys(graph, v)
    elif kind >= graph.hub_kind:
        become_hub(graph, v)


@compiled
def compact_block(graph: Graph, pixels: Pixels, v: Integer) -> None:
    """Move the edges of a vertex to a smaller block, without unused slots."""
    vertex = graph.vertices[v]
    old, old_kind, used = np.int64(vertex.start), vertex.kind, vertex.used
    kind = block_kind_for(graph, vertex.live)
    start = take_block(graph, kind)
    slot = 0
    for i in range(old, old + used):
        if graph.weights[i] == NO_WEIGHT:
            continue
        half = graph.halves[i]
        make_pixel_edges(graph, pixels, other_end(half))
        there = graph.vertices[other_end(half)].start + twin_slot(half)
        graph.halves[there] = make_half_edge(v, slot)
        copy_slot(graph, start + slot, i)
        if kind >= graph.hub_kind and is_hub(graph, other_end(half)):
            remember_hub_edge(graph, v, other_end(half), slot, twin_slot(half))
        slot += 1
    free_block(graph, old, old_kind)
    vertex.start, vertex.kind, vertex.used, vertex.unused = start, kind, slot, NO_SLOT
    graph.state[0].marked = NO_VERTEX
    if kind >= graph.hub_kind:
        set_keys(graph, v)
    elif old_kind >= graph.hub_kind:
        cease_to_be_hub(graph, v)
