/* Marks: the slots of the edges from one vertex to its neighbours, stored at the neighbours. */
#ifndef MARKS_H
#define MARKS_H

#include "best_edge.h"

/* If a hub has more than HUB_TO_SMALL times the slots of the vertex that is merged into it, only
 * the neighbours that the two share are marked, not all neighbours of the hub. */
#ifndef HUB_TO_SMALL
#define HUB_TO_SMALL 8
#endif

/* Sets the mark of every neighbour of a vertex to the slot, at the vertex, of the edge that leads
 * to the neighbour. Marks are never cleared: a mark is valid if the edge in that slot leads to that
 * neighbour. If the vertex is me->marked, all these marks are valid already. "fetch" is a constant:
 * whether the edges of the neighbours are fetched. */
INLINE void mark_neighbours(worker *me, uint32_t vertex, int fetch, merge_linkage linkage)
{
    graph *g = me->graph;
    if (me->marked == vertex)
        return;
    vertex_state *vertices = g->vertices;
    const neighbourhood *edges = vertices[vertex].edges;
    uint32_t count = g->count, sentinel = me->sentinel;
    for (uint32_t i = 0, used = edges->used; i < used; i++) {
        uint32_t k = half_edge_at(edges, i, linkage)->to, absent = -(uint32_t)(k >= count);
        vertex_state *neighbour = &vertices[(k & ~absent) | (sentinel & absent)];
        neighbour->mark = i;
        if (fetch)
            __builtin_prefetch(neighbour->edges, 1);
    }
    me->marked = vertex;
}

/* The slot of the edge from hub a to its neighbour k, or NO_SLOT if there is no such edge.
 * "k_edges" are the edges of k. */
INLINE uint32_t find_slot(const graph *g, uint32_t a, uint32_t k, const neighbourhood *k_edges,
                          merge_linkage linkage)
{
    const neighbourhood *edges = g->vertices[a].edges;
    uint32_t slot = g->vertices[k].mark;
    if (is_hub(k_edges))
        return merge_hub_table_find(edges, k);
    if (slot < edges->used && half_edge_at(edges, slot, linkage)->to == k)
        return slot;
    for (uint32_t i = 0; i < k_edges->used; i++)
        if (half_edge_at(k_edges, i, linkage)->to == a)
            return half_edge_at(k_edges, i, linkage)->twin;
    return NO_SLOT;
}

/* Sets the same marks as mark_neighbours(a), but only at b and at the neighbours that a and b
 * share. */
OUTLINE int mark_shared_neighbours(worker *me, uint32_t a, uint32_t b, merge_linkage linkage)
{
    graph *g = me->graph;
    const neighbourhood *from = g->vertices[b].edges;
    me->marked = NO_VERTEX;
    for (uint32_t i = 0; i < from->used; i++) {
        const half_edge *half = half_edge_at(from, i, linkage);
        if (half->to == g->count)
            continue;
        if (half->to == a) {
            g->vertices[b].mark = half->twin;
            continue;
        }
        const neighbourhood *k_edges = edges_of(me, half->to, linkage);
        if (!k_edges)
            return MERGE_OUT_OF_MEMORY;
        if (is_hub(k_edges) && !hub_of(g->vertices[a].edges)->table &&
            merge_hub_list_hubs(me, a, linkage) != MERGE_OK)
            return MERGE_OUT_OF_MEMORY;
        uint32_t slot = find_slot(g, a, half->to, k_edges, linkage);
        if (slot == NO_SLOT)
            continue;
        g->vertices[half->to].mark = slot;
        __builtin_prefetch(half_edge_at(g->vertices[a].edges, slot, linkage), 1);
    }
    return MERGE_OK;
}

/* Sets the marks that are needed to merge b into a. */
INLINE int mark_for_contraction(worker *me, uint32_t a, uint32_t b, merge_linkage linkage)
{
    const vertex_state *vertices = me->graph->vertices;
    if (me->has_hubs && me->marked != a && is_hub(vertices[a].edges) &&
        vertices[b].edges->used < vertices[a].edges->used / HUB_TO_SMALL)
        return mark_shared_neighbours(me, a, b, linkage);
    mark_neighbours(me, a, 0, linkage);
    return MERGE_OK;
}

#endif
