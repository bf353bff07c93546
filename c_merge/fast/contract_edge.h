/* Merges two super-vertices: contracts the edge between them (Algorithm 1, lines 3 to 13). */
#ifndef CONTRACT_EDGE_H
#define CONTRACT_EDGE_H

#include "marks.h"
#include "worklist.h"

/* If a vertex with at most this many slots absorbs a leaf, its neighbours are fetched. */
#define MOST_SLOTS_FETCHED 64

/* Marks the best edge of a vertex as stale, because its rank may be lower now, and puts the vertex
 * on the worklist. */
INLINE void mark_stale(worker *me, uint32_t vertex)
{
    graph *g = me->graph;
    g->vertices[vertex].best.to = NO_VERTEX;
    if (me->uses_worklist && g->vertices[vertex].worklist_index >= POSTPONED)
        push(me, vertex);
}

/* Joins two edges that lead to the same neighbour: the edge in "slot" of "from" is added to the
 * edge in slot "there" of "into". "k" are the edges of the neighbour. Returns the weight of the
 * joined edge. */
INLINE weight_bits join_edge(wide_sums *wide, neighbourhood *into, uint32_t there,
                             const neighbourhood *from, uint32_t slot, neighbourhood *k,
                             uint32_t sentinel, merge_linkage linkage)
{
    const half_edge *gone = half_edge_at(from, slot, linkage);
    uint32_t back = half_edge_at(into, there, linkage)->twin;
    super_edge one = super_edge_at(into, there, linkage);
    super_edge other = super_edge_at(from, slot, linkage);
    super_edge joined = join_super_edges(linkage, one, other, wide);
    store_super_edge(into, there, k, back, joined, linkage);
    free_slot(k, gone->twin, sentinel, linkage);
    return joined.weight;
}

/* Moves the edge in "slot" of "from" to vertex a, which has the edges "into". "k" are the edges of
 * the neighbour that the edge leads to. Returns the new slot of the edge. */
INLINE uint32_t inherit_edge(uint32_t a, neighbourhood *into, const neighbourhood *from,
                             uint32_t slot, neighbourhood *k, merge_linkage linkage)
{
    const half_edge *half = half_edge_at(from, slot, linkage);
    uint32_t there = take_slot(into, linkage);
    memcpy(half_edge_at(into, there, linkage), half, half_edge_size(linkage));
    *weight_at(into, there) = *weight_at(from, slot);
    into->live++;
    half_edge *back = half_edge_at(k, half->twin, linkage);
    back->to = a;
    back->twin = there;
    return there;
}

/* Makes the lists of slots, me->joined and me->inherited, long enough for a number of edges. */
static inline int reserve_split(worker *me, uint32_t edges)
{
    if (edges <= me->split_capacity)
        return MERGE_OK;
    me->split_capacity = 2 * edges;
    me->joined = merge_arena_take_array(&me->arena, me->split_capacity, sizeof *me->joined);
    me->inherited = merge_arena_take_array(&me->arena, me->split_capacity, sizeof *me->inherited);
    return me->joined && me->inherited ? MERGE_OK : MERGE_OUT_OF_MEMORY;
}

/* Lists the slots of b's edges: in me->joined if a has an edge to the same neighbour, else in
 * me->inherited. The edge between a and b must have been removed at both ends. */
INLINE int split_edges(worker *me, uint32_t a, uint32_t b, merge_linkage linkage)
{
    vertex_state *vertices = me->graph->vertices;
    const neighbourhood *into = vertices[a].edges, *from = vertices[b].edges;
    if (reserve_split(me, from->used) != MERGE_OK)
        return MERGE_OUT_OF_MEMORY;
    uint32_t *joined = me->joined, *inherited = me->inherited, sentinel = me->graph->count;
    for (uint32_t i = 0, used = from->used, into_used = into->used; i < used; i++) {
        const half_edge *half = half_edge_at(from, i, linkage);
        uint32_t k = half->to, slot = vertices[k].mark;
        const half_edge *mine = half_edge_at(into, slot & -(uint32_t)(slot < into_used), linkage);
        uint32_t is_there = k != sentinel, is_joined = is_there & (mine->to == k);
        /* The slot is written to both lists and counted in one of them. A branch instead would
         * often be predicted wrongly. */
        *joined = *inherited = i;
        joined += is_joined;
        inherited += is_there ^ is_joined;
        const neighbourhood *there = edges_of(me, k, linkage);
        if (!there)
            return MERGE_OUT_OF_MEMORY;
        __builtin_prefetch(there, 1);
        __builtin_prefetch(half_edge_at(there, half->twin, linkage), 1);
        __builtin_prefetch(half_edge_at(there, mine->twin, linkage), 1);
    }
    me->num_joined = (uint32_t)(joined - me->joined);
    me->num_inherited = (uint32_t)(inherited - me->inherited);
    return MERGE_OK;
}

/* Updates the tables of hub neighbours after an edge to hub k was moved from b to a. "is_new": a
 * had no edge to k before. "twin": the slot of the edge at k. */
static inline int update_hub_neighbour(worker *me, uint32_t a, uint32_t b, uint32_t k,
                                       neighbourhood *k_edges, int is_new, uint32_t twin)
{
    const vertex_state *vertices = me->graph->vertices;
    neighbourhood *into = vertices[a].edges;
    if (is_hub(vertices[b].edges))
        merge_hub_table_remove(k_edges, b);
    if (!is_new || !is_hub(into))
        return MERGE_OK;
    int status = merge_hub_table_add(&me->arena, into, k, vertices[k].mark);
    return status == MERGE_OK ? merge_hub_table_add(&me->arena, k_edges, a, twin) : status;
}

/* Moves every edge of b to a: joins it with the edge of a to the same neighbour, or lets a inherit
 * it. There must be room for it at a. "name" is the name of the two together. "with_hubs" is a
 * constant; it may be 0 only if the worker has no hubs. */
INLINE int move_edges(worker *me, uint32_t a, uint32_t b, uint32_t name, int with_hubs,
                      merge_linkage linkage)
{
    vertex_state *vertices = me->graph->vertices;
    neighbourhood *into = vertices[a].edges;
    const neighbourhood *from = vertices[b].edges;
    const uint32_t *joined = me->joined, *inherited = me->inherited, sentinel = me->graph->count;
    int into_hub = with_hubs && is_hub(into), status = MERGE_OK;
    for (uint32_t i = 0, count = me->num_joined; i < count && status == MERGE_OK; i++) {
        uint32_t slot = joined[i], k = half_edge_at(from, slot, linkage)->to;
        uint32_t there = vertices[k].mark, best = vertices[k].best.to & ~STALE;
        neighbourhood *k_edges = vertices[k].edges;
        weight_bits weight =
            join_edge(&me->graph->wide_sums, into, there, from, slot, k_edges, sentinel, linkage);
        if (best == a || best == b)
            mark_stale(me, k);
        if (into_hub)
            raise_key(into, there, key_of(weight, vertices[k].name));
        if (with_hubs && is_hub(k_edges)) {
            raise_key(k_edges, half_edge_at(into, there, linkage)->twin, key_of(weight, name));
            status = update_hub_neighbour(me, a, b, k, k_edges, 0, 0);
        }
    }
    for (uint32_t i = 0, count = me->num_inherited; i < count && status == MERGE_OK; i++) {
        uint32_t slot = inherited[i], k = half_edge_at(from, slot, linkage)->to;
        neighbourhood *k_edges = vertices[k].edges;
        uint32_t there = inherit_edge(a, into, from, slot, k_edges, linkage);
        uint32_t best = vertices[k].best.to;
        vertices[k].mark = there;
        if ((best & ~STALE) == b)
            vertices[k].best.to = a | (best & STALE);
        if (into_hub)
            raise_key(into, there, key_of(*weight_at(into, there), vertices[k].name));
        if (with_hubs && is_hub(k_edges))
            status = update_hub_neighbour(me, a, b, k, k_edges, 1,
                                          half_edge_at(into, there, linkage)->twin);
    }
    return status;
}

/* Merges leaf b, whose only edge leads to a, into a. No other edge changes, so no marks are needed.
 * But more leaves mostly follow, so the neighbours of a are fetched. */
INLINE void absorb_leaf(worker *me, uint32_t a, uint32_t b, merge_linkage linkage)
{
    const graph *g = me->graph;
    const neighbourhood *leaf = g->vertices[b].edges;
    uint32_t slot = 0;
    if (g->vertices[a].edges->used <= MOST_SLOTS_FETCHED)
        mark_neighbours(me, a, 1, linkage);
    while (half_edge_at(leaf, slot, linkage)->to != a)
        slot++;
    free_slot(g->vertices[a].edges, half_edge_at(leaf, slot, linkage)->twin, g->count, linkage);
    if (me->has_hubs && is_hub(g->vertices[a].edges) && is_hub(leaf))
        merge_hub_table_remove(g->vertices[a].edges, b);
}

/* Moves all edges of b to a, except the edge between the two, which goes. "name" is the name of the
 * two together. */
INLINE int absorb_edges(worker *me, uint32_t a, uint32_t b, uint32_t name, merge_linkage linkage)
{
    graph *g = me->graph;
    int status = mark_for_contraction(me, a, b, linkage);
    if (status != MERGE_OK)
        return status;
    uint32_t between = g->vertices[b].mark;
    free_slot(g->vertices[b].edges, half_edge_at(g->vertices[a].edges, between, linkage)->twin,
              g->count, linkage);
    free_slot(g->vertices[a].edges, between, g->count, linkage);
    if (me->has_hubs && is_hub(g->vertices[a].edges) && is_hub(g->vertices[b].edges))
        merge_hub_table_remove(g->vertices[a].edges, b);
    status = split_edges(me, a, b, linkage);
    if (status == MERGE_OK) /* may make the first hub, so that has_hubs is read afterwards */
        status = merge_neighbourhood_grow(
            me, a, (uint64_t)g->vertices[a].edges->live + me->num_inherited, linkage);
    if (status != MERGE_OK)
        return status;
    return me->has_hubs ? move_edges(me, a, b, name, 1, linkage)
                        : move_edges(me, a, b, name, 0, linkage);
}

/* Merges two vertices into the one with more edges, which becomes *survivor. */
INLINE int contract_edge(worker *me, uint32_t u, uint32_t v, weight_bits weight, uint32_t *survivor,
                         merge_linkage linkage)
{
    graph *g = me->graph;
    if (!edges_of(me, u, linkage) || !edges_of(me, v, linkage))
        return MERGE_OUT_OF_MEMORY;
    uint32_t u_live = g->vertices[u].edges->live, v_live = g->vertices[v].edges->live;
    uint32_t a = u_live < v_live ? v : u, b = a == u ? v : u;
    uint32_t one = g->vertices[u].name, other = g->vertices[v].name;
    uint32_t name = one < other ? one : other;
    *me->next_merge++ = (merge_row){weight, name, one < other ? other : one};
    *survivor = a;
    int status = MERGE_OK;
    if (g->vertices[b].edges->live == 1)
        absorb_leaf(me, a, b, linkage);
    else
        status = absorb_edges(me, a, b, name, linkage);
    if (status != MERGE_OK)
        return status;
    g->vertices[a].name = name;
    g->vertices[b].parent = a;
    g->vertices[a].best.to = NO_VERTEX;
    g->vertices[b].best.weight = NO_WEIGHT;
    merge_neighbourhood_give_back(&me->arena, g->vertices[b].edges, linkage);
    g->vertices[b].edges = NULL;
    const neighbourhood *edges = g->vertices[a].edges;
    int is_sparse = edges->used > 64 && edges->used > 2 * edges->live;
    return is_sparse ? merge_neighbourhood_compact(me, a, linkage) : MERGE_OK;
}

#endif
