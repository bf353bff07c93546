#include "pixel_edges.h"

#define MOST_EDGES (UINT32_MAX / 4) /* of a vertex; slots are numbered by 32 bits */

int merge_neighbourhood_grow(worker *me, uint32_t vertex, uint64_t live, merge_linkage linkage)
{
    neighbourhood *old = me->graph->vertices[vertex].edges;
    if (old && live <= old->capacity)
        return MERGE_OK;
    if (live > MOST_EDGES)
        return MERGE_OVERFLOW;
    neighbourhood *larger = merge_neighbourhood_make(&me->arena, live, linkage);
    if (!larger)
        return MERGE_OUT_OF_MEMORY;
    if (old) {
        larger->used = old->used;
        larger->live = old->live;
        larger->unused = old->unused;
        memcpy(half_edge_at(larger, 0, linkage), half_edge_at(old, 0, linkage),
               old->used * half_edge_size(linkage));
        memcpy((weight_bits *)larger - old->capacity, (weight_bits *)old - old->capacity,
               old->capacity * sizeof(weight_bits));
        merge_neighbourhood_give_back(&me->arena, old);
    }
    me->graph->vertices[vertex].edges = larger;
    return MERGE_OK;
}

int merge_neighbourhood_compact(worker *me, uint32_t vertex, merge_linkage linkage)
{
    graph *g = me->graph;
    neighbourhood *old = g->vertices[vertex].edges;
    neighbourhood *compacted = merge_neighbourhood_make(&me->arena, old->live, linkage);
    if (!compacted)
        return MERGE_OUT_OF_MEMORY;
    for (uint32_t i = 0; i < old->used; i++) {
        const half_edge *half = half_edge_at(old, i, linkage);
        if (half->to == g->count)
            continue;
        uint32_t slot = compacted->used++;
        memcpy(half_edge_at(compacted, slot, linkage), half, half_edge_size(linkage));
        *weight_at(compacted, slot) = *weight_at(old, i);
        /* Made first where there is none yet: it would be made as if no edge had moved. */
        neighbourhood *there = edges_of(me, half->to, linkage);
        if (!there)
            return MERGE_OUT_OF_MEMORY;
        half_edge_at(there, half->twin, linkage)->twin = slot;
    }
    compacted->live = compacted->used;
    if (me->marked == vertex)
        me->marked = NO_VERTEX;
    g->vertices[vertex].edges = compacted;
    merge_neighbourhood_give_back(&me->arena, old);
    return MERGE_OK;
}
