/* What merging two super-vertices does to the graph (Algorithm 1, lines 3 to 13). */
#ifndef CONTRACT_EDGE_H
#define CONTRACT_EDGE_H

#include "best_edge.h"
#include "worklist.h"

/* Makes the next best_edge_of search again, because the best edge of a vertex may have a lower rank
 * now. Puts the vertex on the worklist. */
INLINE void mark_stale(worker *me, uint32_t vertex)
{
    graph *g = me->graph;
    g->vertices[vertex].best.to = NO_VERTEX;
    if (g->vertices[vertex].worklist_index >= POSTPONED)
        push(me, vertex);
}

/* Sets the mark of every neighbour of a vertex to the slot, at this vertex, of the edge to it.
 * Marks are never cleared: a mark is valid if the edge in that slot leads to that neighbour. Does
 * nothing if the vertex was the survivor of the worker's last merge, whose marks are valid. */
INLINE void mark_neighbours(worker *me, uint32_t vertex, merge_linkage linkage)
{
    graph *g = me->graph;
    if (me->marked == vertex)
        return;
    const neighbourhood *edges = g->vertices[vertex].edges;
    for (uint32_t i = 0; i < edges->used; i++) {
        uint32_t k = half_edge_at(edges, i, linkage)->to, absent = -(uint32_t)(k >= g->count);
        g->vertices[(k & ~absent) | (me->sentinel & absent)].mark = i;
    }
    me->marked = vertex;
}

/* Joins two edges that lead to the same neighbour, whose edges are k: the one in a slot of "from"
 * to the one in slot "there" of "into". */
INLINE void join_edge(worker *me, neighbourhood *into, uint32_t there, const neighbourhood *from,
                      uint32_t slot, neighbourhood *k, merge_linkage linkage)
{
    const half_edge *gone = half_edge_at(from, slot, linkage);
    uint32_t back = half_edge_at(into, there, linkage)->twin;
    super_edge one = super_edge_at(into, there, linkage);
    super_edge other = super_edge_at(from, slot, linkage);
    store_super_edge(into, there, k, back, join_super_edges(linkage, one, other, &me->arena),
                     linkage);
    free_slot(k, gone->twin, me->graph->count, linkage);
}

/* Moves the edge in a slot of "from" to vertex a, whose edges are "into". "k": the edges of the
 * neighbour at its other end. */
INLINE void inherit_edge(worker *me, uint32_t a, neighbourhood *into, const neighbourhood *from,
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
    me->graph->vertices[half->to].mark = there;
}

/* Makes the worker's lists of slots long enough to split so many edges. */
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
 * me->inherited. */
INLINE int split_edges(worker *me, uint32_t a, uint32_t b, merge_linkage linkage)
{
    graph *g = me->graph;
    const neighbourhood *into = g->vertices[a].edges, *from = g->vertices[b].edges;
    uint32_t num_joined = 0, num_inherited = 0;
    if (reserve_split(me, from->used) != MERGE_OK)
        return MERGE_OUT_OF_MEMORY;
    for (uint32_t i = 0; i < from->used; i++) {
        const half_edge *half = half_edge_at(from, i, linkage);
        uint32_t k = half->to, slot = g->vertices[k].mark;
        const half_edge *mine = half_edge_at(into, slot & -(uint32_t)(slot < into->used), linkage);
        uint32_t is_there = k != g->count, is_joined = is_there & (mine->to == k);
        /* Written to both lists and counted in one: no branch to mispredict. */
        me->joined[num_joined] = me->inherited[num_inherited] = i;
        num_joined += is_joined;
        num_inherited += is_there & !is_joined & (k != a);
        const neighbourhood *there = edges_of(me, k, linkage);
        if (!there)
            return MERGE_OUT_OF_MEMORY;
        __builtin_prefetch(there, 1);
        __builtin_prefetch(half_edge_at(there, half->twin, linkage), 1);
        __builtin_prefetch(half_edge_at(there, mine->twin, linkage), 1);
    }
    me->num_joined = num_joined;
    me->num_inherited = num_inherited;
    return MERGE_OK;
}

/* Moves every edge of b to a: joins it or inherits it. */
INLINE int move_edges(worker *me, uint32_t a, uint32_t b, merge_linkage linkage)
{
    graph *g = me->graph;
    uint64_t live = (uint64_t)g->vertices[a].edges->live + me->num_inherited;
    int status = merge_neighbourhood_grow(me, a, live, linkage);
    if (status != MERGE_OK)
        return status;
    neighbourhood *into = g->vertices[a].edges;
    const neighbourhood *from = g->vertices[b].edges;
    for (uint32_t i = 0; i < me->num_joined; i++) {
        uint32_t slot = me->joined[i], k = half_edge_at(from, slot, linkage)->to;
        join_edge(me, into, g->vertices[k].mark, from, slot, g->vertices[k].edges, linkage);
        uint32_t best = g->vertices[k].best.to & ~STALE;
        if (best == a || best == b)
            mark_stale(me, k);
    }
    for (uint32_t i = 0; i < me->num_inherited; i++) {
        uint32_t slot = me->inherited[i], k = half_edge_at(from, slot, linkage)->to;
        inherit_edge(me, a, into, from, slot, g->vertices[k].edges, linkage);
        if ((g->vertices[k].best.to & ~STALE) == b)
            g->vertices[k].best.to = a | (g->vertices[k].best.to & STALE);
    }
    return MERGE_OK;
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
    mark_neighbours(me, a, linkage);
    free_slot(g->vertices[a].edges, g->vertices[b].mark, g->count, linkage);
    int status = split_edges(me, a, b, linkage);
    if (status == MERGE_OK)
        status = move_edges(me, a, b, linkage);
    if (status != MERGE_OK)
        return status;
    g->vertices[a].name = name;
    g->vertices[b].parent = a;
    g->vertices[a].best.to = NO_VERTEX;
    g->vertices[b].best.weight = NO_WEIGHT;
    merge_neighbourhood_give_back(&me->arena, g->vertices[b].edges);
    g->vertices[b].edges = NULL;
    const neighbourhood *edges = g->vertices[a].edges;
    int is_sparse = edges->used > 64 && edges->used > 2 * edges->live;
    return is_sparse ? merge_neighbourhood_compact(me, a, linkage) : MERGE_OK;
}

#endif
