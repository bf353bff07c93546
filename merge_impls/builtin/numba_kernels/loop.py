"""The merge loop: whatever may be merged now is merged, in whatever order is quick.

"average": two vertices that are each other's best may be merged at any time, because a merge never
improves the rank of any edge. "weighted": if, besides, no neighbour of the two has a best edge that
goes before theirs. Sorted afterwards, these are the merges of the greedy loop.
"""

import numpy as np
from numba import boolean, int32, int64, njit

from merge_impls.builtin.numba_kernels.layouts import EDGES, GRAPH, PIXELS

NONE = -1
NOT_MADE = -1
ABSENT = -1
TILE = 32  # pixels; the edges of a tile fit a core's own cache

inlined = njit(forceinline=True, error_model="numpy", _nrt=False)


def entry(signature):
    """A function that Python calls."""
    return njit(signature, cache=True, nogil=True, error_model="numpy", _nrt=False)


@inlined
def other_end(half):
    """The vertex that a half-edge leads to."""
    return half >> 32


@inlined
def twin(half):
    """The place of a half-edge's other half."""
    return half & 0xFFFFFFFF


@inlined
def half_edge(to, place):
    """A half-edge."""
    return (np.int64(to) << 32) | np.int64(place)


@inlined
def bits_of(weight):
    """Bits of floats >= 0 order as the floats do."""
    return np.float32(weight).view(np.int32)


@inlined
def weight_of(bits):
    """The float32 again."""
    return np.int32(bits).view(np.float32)


@inlined
def unpacked(graph, total):
    """Sum and count; a packed one is sum << 24 | count, a wide one ~row of ``graph.wide``."""
    if total < 0:
        return graph.wide[~total, 0], graph.wide[~total, 1]
    return total >> 24, total & 0xFFFFFF


@njit(error_model="numpy", _nrt=False)
def added_wide(graph, x, y):
    """Both in a row of ``graph.wide``, that of one of them if it has one."""
    (total, count), (other_total, other_count) = unpacked(graph, x), unpacked(graph, y)
    state = graph.state[0]
    row = ~x if x < 0 else ~y if y < 0 else state.num_wide
    if row == state.num_wide:
        state.num_wide += 1
    graph.wide[row, 0], graph.wide[row, 1] = total + other_total, count + other_count
    return ~row


@inlined
def added(graph, x, y):
    """The sum of two sums; bit 23 catches the carry of two packed counts."""
    both = x + y
    if (x | y) < 0 or (both & 0xFFFFFF) > graph.most_packed:
        return added_wide(graph, x, y)
    return both


@inlined
def pooled(graph, total):
    """The bits of the weight of a sum: one division in float64, rounded once."""
    total, count = unpacked(graph, total)
    return bits_of(np.float32(np.float64(total) / np.float64(65535 * count)))


@inlined
def kind_for(graph, places):
    """The smallest kind of blocks with so many places."""
    kind = 0
    while graph.sizes[kind] < places:
        kind += 1
    return kind


@inlined
def take_block(graph, kind):
    """The start of a block, which is not cleared."""
    start = np.int64(graph.free[kind])
    if start != NONE:
        graph.free[kind] = graph.halves[start]
        return start
    state = graph.state[0]
    start = state.end
    state.end = start + graph.sizes[kind]
    return start


@inlined
def give_block(graph, start, kind):
    """Keep a block for whoever needs one of its kind."""
    graph.halves[start] = graph.free[kind]
    graph.free[kind] = start


@inlined
def copy_place(graph, to, place):
    """Copy what a place of the pool holds to another."""
    graph.weights[to], graph.halves[to] = graph.weights[place], graph.halves[place]
    if graph.average:
        graph.sums[to] = graph.sums[place]


@njit(error_model="numpy", _nrt=False)
def grow(graph, v):
    """Room at a vertex for all edges that it will have, which keep their places."""
    vertex = graph.vertices[v]
    old, old_kind = np.int64(vertex.start), vertex.kind
    kind = kind_for(graph, vertex.live)
    start = take_block(graph, kind)
    for i in range(vertex.used):
        copy_place(graph, start + i, old + i)
    give_block(graph, old, old_kind)
    vertex.start, vertex.kind = start, kind


@njit(error_model="numpy", _nrt=False)
def tidy(graph, pixels, v):
    """Move the edges of a vertex together, where most of its places are unused."""
    vertex = graph.vertices[v]
    old, old_kind, used = np.int64(vertex.start), vertex.kind, vertex.used
    kind = kind_for(graph, vertex.live)
    start = take_block(graph, kind)
    place = 0
    for i in range(old, old + used):
        if graph.weights[i] == ABSENT:
            continue
        half = graph.halves[i]
        make_pixel_edges(graph, pixels, other_end(half))
        there = graph.vertices[other_end(half)].start + twin(half)
        graph.halves[there] = half_edge(v, place)
        copy_place(graph, start + place, i)
        place += 1
    give_block(graph, old, old_kind)
    vertex.start, vertex.kind, vertex.used, vertex.unused = start, kind, place, NONE
    graph.state[0].marked = NONE


@inlined
def take_place(graph, vertex):
    """An unused place in a block with room for it."""
    place = np.int64(vertex.unused)
    if place == NONE:
        place = np.int64(vertex.used)
        vertex.used = place + 1
        return place
    vertex.unused = twin(graph.halves[vertex.start + place])
    return place


@inlined
def leave_place(graph, vertex, place):
    """A place becomes unused; the chain of unused ones goes on in its twin."""
    at = vertex.start + place
    graph.weights[at] = ABSENT
    graph.halves[at] = half_edge(len(graph.vertices) - 1, vertex.unused & 0xFFFFFFFF)
    vertex.unused = place
    vertex.live -= 1


@inlined
def has_all_neighbours(pixels, pixel):
    """Whether all neighbours of a pixel are inside the grid."""
    shape, margin = pixels.shape, pixels.margin
    x, row = pixel % shape[2], pixel // shape[2]
    y, z = row % shape[1], row // shape[1]
    return (
        margin[2] <= x < shape[2] - margin[2]
        and margin[1] <= y < shape[1] - margin[1]
        and margin[0] <= z < shape[0] - margin[0]
    )


@inlined
def is_inside(pixels, pixel, i):
    """Whether neighbour i of a pixel is inside the grid."""
    shape, step = pixels.shape, pixels.steps[i]
    x, row = pixel % shape[2] + step[2], pixel // shape[2]
    y, z = row % shape[1] + step[1], row // shape[1] + step[0]
    return 0 <= x < shape[2] and 0 <= y < shape[1] and 0 <= z < shape[0]


@njit(error_model="numpy", _nrt=False)
def make_block_of_pixel(graph, pixels, v):
    """Place i has neighbour i, whose opposite place has the pixel; of those missing it is unused."""
    vertex = graph.vertices[v]
    count = len(pixels.jumps)
    kind = kind_for(graph, count)
    start = take_block(graph, kind)
    vertex.start, vertex.kind = start, kind
    vertex.used, vertex.live, vertex.unused = count, count, NONE
    pixel = np.int64(pixels.pixels[v])
    is_inner = has_all_neighbours(pixels, pixel)
    for i in range(count):
        to = np.int64(NONE)
        if is_inner or is_inside(pixels, pixel, i):
            to = np.int64(pixels.numbers[pixel + pixels.jumps[i]])
        if to == NONE:
            leave_place(graph, vertex, i)
            continue
        affinity = pixels.affinities[pixel + pixels.shifts[i]]
        opposite = i + count // 2 if i < count // 2 else i - count // 2
        graph.halves[start + i] = half_edge(to, opposite)
        # Of all affinities the same as in float64 and rounded.
        graph.weights[start + i] = bits_of(np.float32(affinity) / np.float32(65535))
        if graph.average:
            graph.sums[start + i] = (np.int64(affinity) << 24) | 1


@inlined
def make_pixel_edges(graph, pixels, v):
    """See to it that a vertex has a block; until a neighbour has merged, the grid says all."""
    if graph.vertices[v].start == NOT_MADE:
        make_block_of_pixel(graph, pixels, v)


@inlined
def find_best(graph, pixels, v):
    """Of edges of one vertex that weigh the same, the one to the neighbour with the larger name goes
    first: that is what the rule for ties comes to where one end is given."""
    make_pixel_edges(graph, pixels, v)
    vertex = graph.vertices[v]
    start, used = np.int64(vertex.start), np.int64(vertex.used)
    weights = graph.weights[start : start + used]
    heaviest = np.int32(ABSENT)
    for i in range(used):
        heaviest = max(heaviest, weights[i])
    best, ties = np.int64(len(graph.vertices) - 1), 0
    if heaviest != ABSENT:
        for i in range(used):
            if weights[i] == heaviest:
                to = other_end(graph.halves[start + i])
                if ties == 0 or graph.names[to] > graph.names[best]:
                    best = to
                ties += 1
    vertex.best_weight = heaviest
    vertex.best = ~best if ties > 1 else best
    return heaviest, best


@inlined
def best_of(graph, pixels, v):
    """Bits of the weight, and the other end, of the best edge of a vertex as it is now.

    Cached is the other end, or ~end if it has to be looked for: either the edge has changed (then it
    is ~nobody), or another one weighs the same, so that names decide, which can change unseen.
    """
    vertex = graph.vertices[v]
    if vertex.best < 0:
        return find_best(graph, pixels, v)
    return vertex.best_weight, np.int64(vertex.best)


@inlined
def push(graph, v):
    """Put a vertex on top of the worklist, unless it is in there."""
    if not graph.waiting[v]:
        state = graph.state[0]
        graph.waiting[v] = 1
        graph.worklist[state.height] = v
        state.height += 1


@inlined
def doubt(graph, v):
    """The best edge of a vertex may have become worse: it is looked for when somebody asks."""
    graph.vertices[v].best = ~(len(graph.vertices) - 1)
    push(graph, v)


@inlined
def mark_neighbours(graph, v):
    """Note at every neighbour of a vertex at which place it is.

    Marks are never cleared: one is right if that place has that neighbour. Those of the vertex that
    absorbed last are still there.
    """
    state = graph.state[0]
    if state.marked == v:
        return
    start = np.int64(graph.vertices[v].start)
    for i in range(graph.vertices[v].used):
        graph.vertices[other_end(graph.halves[start + i])].mark = i
    state.marked = v


@inlined
def sort_out(graph, pixels, a, b):
    """Fill in the places of b's edges to neighbours that a has, too, and of those to others."""
    nobody = len(graph.vertices) - 1
    into, used = np.int64(graph.vertices[a].start), graph.vertices[a].used
    start = np.int64(graph.vertices[b].start)
    num_joined = num_inherited = 0
    for i in range(graph.vertices[b].used):
        k = other_end(graph.halves[start + i])
        if k == nobody:
            continue
        make_pixel_edges(graph, pixels, k)
        place = np.int64(graph.vertices[k].mark)
        is_joined = place < used and other_end(graph.halves[into + place]) == k
        # Written to both and kept in one, so that nothing has to be foretold.
        graph.joined[num_joined] = graph.inherited[num_inherited] = i
        num_joined += is_joined
        num_inherited += not is_joined and k != a
    return num_joined, num_inherited


@inlined
def join(graph, a, b, place):
    """The edge at a place of b becomes part of the one that its neighbour has to a."""
    gone_at = graph.vertices[b].start + place
    gone = graph.halves[gone_at]
    k = other_end(gone)
    neighbour = graph.vertices[k]
    here = np.int64(graph.vertices[a].start) + neighbour.mark
    there = neighbour.start + twin(graph.halves[here])
    if graph.average:
        total = added(graph, graph.sums[here], graph.sums[gone_at])
        graph.sums[here] = graph.sums[there] = total
        bits = pooled(graph, total)
    else:
        x, y = weight_of(graph.weights[here]), weight_of(graph.weights[gone_at])
        bits = bits_of((x + y) * np.float32(0.5))
    graph.weights[here] = graph.weights[there] = bits
    leave_place(graph, neighbour, twin(gone))
    best = neighbour.best ^ (neighbour.best >> 31)
    if best == a or best == b:
        doubt(graph, k)


@inlined
def inherit(graph, a, b, place):
    """The edge at a place of b becomes one of a."""
    old = graph.vertices[b].start + place
    half = graph.halves[old]
    neighbour = graph.vertices[other_end(half)]
    here = take_place(graph, graph.vertices[a])
    new = graph.vertices[a].start + here
    copy_place(graph, new, old)
    graph.halves[neighbour.start + twin(half)] = half_edge(a, here)
    neighbour.mark = here
    if neighbour.best == b:
        neighbour.best = a
    elif neighbour.best == ~b:
        neighbour.best = ~a


@inlined
def unite(graph, pixels, u, v, weight):
    """Merge two vertices (Algorithm 1, lines 3 to 13); returns the one with more edges, which stays."""
    make_pixel_edges(graph, pixels, u)
    make_pixel_edges(graph, pixels, v)
    a, b = (u, v) if graph.vertices[u].live >= graph.vertices[v].live else (v, u)
    one, other = graph.names[u], graph.names[v]
    state = graph.state[0]
    row = graph.merges[state.merges]
    row[0], row[1], row[2] = weight, min(one, other), max(one, other)
    state.merges += 1
    mark_neighbours(graph, a)
    stays, goes = graph.vertices[a], graph.vertices[b]
    leave_place(graph, stays, goes.mark)
    num_joined, num_inherited = sort_out(graph, pixels, a, b)
    for i in range(num_joined):
        join(graph, a, b, graph.joined[i])
    stays.live += num_inherited
    if stays.live > graph.sizes[stays.kind]:
        grow(graph, a)
    for i in range(num_inherited):
        inherit(graph, a, b, graph.inherited[i])
    graph.names[a] = min(one, other)
    graph.parents[b] = a
    stays.best = ~(len(graph.vertices) - 1)
    goes.best_weight = ABSENT
    give_block(graph, goes.start, goes.kind)
    goes.start = goes.used = goes.live = 0
    if stays.used > 64 and stays.used > 2 * stays.live:
        tidy(graph, pixels, a)
    return a


@inlined
def goes_before(graph, k, to, u, v):
    """Whether edge (k, to) goes before edge (u, v) of the same weight."""
    one, other, mine, yours = graph.names[k], graph.names[to], graph.names[u], graph.names[v]
    smaller, small = min(one, other), min(mine, yours)
    return smaller > small or (smaller == small and max(one, other) > max(mine, yours))


@inlined
def find_blocker(graph, pixels, of, u, v, weight):
    """A neighbour of a vertex whose best edge goes before (u, v), or NONE."""
    make_pixel_edges(graph, pixels, of)
    start = np.int64(graph.vertices[of].start)
    for i in range(start, start + graph.vertices[of].used):
        k = other_end(graph.halves[i])
        if graph.vertices[k].best_weight < weight or k == u or k == v:
            continue
        heaviest, to = best_of(graph, pixels, k)
        if heaviest > weight or (heaviest == weight and goes_before(graph, k, to, u, v)):
            return k
    return np.int64(NONE)


@inlined
def has_room(graph, pixels, edges):
    """Whether the pool has room for so many pixels' blocks and for one that has all these edges."""
    pixel = graph.sizes[kind_for(graph, len(pixels.jumps))]
    return graph.state[0].end + edges * (pixel + 4) + 16 <= len(graph.weights)


@inlined
def live_edges(graph, pixels, v):
    """How many edges a vertex has at most."""
    vertex = graph.vertices[v]
    return len(pixels.jumps) if vertex.start == NOT_MADE else np.int64(vertex.live)


@inlined
def merge_from(graph, pixels, v, threshold, follow):
    """Merge a vertex, and what it becomes, as long as that may be; returns False for lack of room.

    follow: look first at who is in the way. Ranks rise along such a chain, so that it ends.
    """
    while True:
        if not has_room(graph, pixels, 2):
            push(graph, v)
            return False
        weight, n = best_of(graph, pixels, v)
        if weight < threshold:
            return True
        if not has_room(graph, pixels, live_edges(graph, pixels, v) + live_edges(graph, pixels, n)):
            push(graph, v)
            return False
        _, back = best_of(graph, pixels, n)
        blocker = n if back != v else np.int64(NONE)
        if not graph.average and blocker == NONE:
            blocker = find_blocker(graph, pixels, v, v, n, weight)
            if blocker == NONE:
                blocker = find_blocker(graph, pixels, n, v, n, weight)
        if blocker == NONE:
            v = unite(graph, pixels, v, n, weight)
        elif follow:
            push(graph, v)
            v = blocker
        else:
            return True


@njit(error_model="numpy", _nrt=False)
def drain(graph, pixels, threshold, follow):
    """Look at what is in the worklist, last in, first out; returns False for lack of room."""
    state = graph.state[0]
    while state.height > 0:
        state.height -= 1
        v = np.int64(graph.worklist[state.height])
        graph.waiting[v] = 0
        # That of one that was merged is ABSENT.
        if graph.vertices[v].best_weight >= threshold:
            if not merge_from(graph, pixels, v, threshold, follow):
                return False
    return True


@inlined
def seed(graph, v, threshold):
    """Push a vertex that could be merged now."""
    vertex = graph.vertices[v]
    if vertex.best_weight < threshold:
        return
    if vertex.best >= 0:
        back = graph.vertices[vertex.best].best
        if back >= 0 and back != v:
            return
    push(graph, v)


@inlined
def seed_tile(graph, pixels, tile, threshold):
    """Push the vertices of a square of pixels, the first one last."""
    width, rows = pixels.shape[2], pixels.shape[0] * pixels.shape[1]
    across = (width + TILE - 1) // TILE
    top, left = tile // across * TILE, tile % across * TILE
    for y in range(min(top + TILE, rows) - 1, top - 1, -1):
        for x in range(min(left + TILE, width) - 1, left - 1, -1):
            v = pixels.numbers[y * width + x]
            if v != NONE:
                seed(graph, np.int64(v), threshold)


@entry(boolean(GRAPH, PIXELS, int32))
def merge_stage(graph, pixels, threshold):
    """Merge until no edge reaches the threshold, whose bits are given.

    Returns False if the pool has to grow; called again, it goes on. First tile by tile, so that all
    is in the cache; then what had to wait for who was in the way.
    """
    state = graph.state[0]
    rows, width = pixels.shape[0] * pixels.shape[1], pixels.shape[2]
    tiles = ((rows + TILE - 1) // TILE) * ((width + TILE - 1) // TILE)
    while state.tile < tiles:
        if not drain(graph, pixels, threshold, not graph.average):
            return False
        seed_tile(graph, pixels, state.tile, threshold)
        state.tile += 1
    while True:
        if not drain(graph, pixels, threshold, True):
            return False
        for v in range(len(graph.vertices) - 2, -1, -1):
            if graph.vertices[v].best_weight >= threshold:
                push(graph, np.int64(v))
        if state.height == 0:
            return True


@entry(int64(GRAPH, PIXELS))
def count_edges(graph, pixels):
    """The edges that there are, after all vertices have their blocks; NONE: the pool has to grow."""
    live = 0
    for v in range(len(graph.vertices) - 1):
        if not has_room(graph, pixels, 1):
            return NONE
        make_pixel_edges(graph, pixels, v)
        live += graph.vertices[v].live
    return live // 2


@entry(int64(GRAPH, EDGES))
def list_edges(graph, edges):
    """Write out the edges that there are."""
    count = 0
    for a in range(len(graph.vertices) - 1):
        start = np.int64(graph.vertices[a].start)
        for i in range(start, start + graph.vertices[a].used):
            b = other_end(graph.halves[i])
            if graph.weights[i] == ABSENT or b < a:
                continue
            edge = edges[count]
            edge.a, edge.b, edge.weight = a, b, -1
            if graph.average:
                edge.total, edge.count = unpacked(graph, graph.sums[i])
            else:
                edge.total, edge.count, edge.weight = 0, 0, weight_of(graph.weights[i])
            count += 1
    return count
