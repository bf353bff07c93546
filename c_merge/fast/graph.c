#include "pixel_edges.h"

#define MOST_EDGES (UINT32_MAX / 4) /* of a vertex; slots are numbered by 32 bits */
#define FETCH_DISTANCE 12           /* slots */

/* Whether a half-edge leads to a hub. */
static int leads_to_hub(const graph *g, const half_edge *half)
{
    const neighbourhood *there = half->to < g->count ? g->vertices[half->to].edges : NULL;
    return there && is_hub(there);
}

int merge_hub_enter(worker *me, uint32_t vertex, merge_linkage linkage)
{
    graph *g = me->graph;
    neighbourhood *here = g->vertices[vertex].edges;
    int status = MERGE_OK;
    me->has_hubs = 1;
    merge_hub_set_bounds(here, here->used);
    for (uint32_t i = 0; i < here->used && status == MERGE_OK; i++) {
        const half_edge *half = half_edge_at(here, i, linkage);
        if (leads_to_hub(g, half))
            status =
                merge_hub_table_add(&me->arena, g->vertices[half->to].edges, vertex, half->twin);
    }
    return status;
}

int merge_hub_list_hubs(worker *me, uint32_t vertex, merge_linkage linkage)
{
    const graph *g = me->graph;
    neighbourhood *here = g->vertices[vertex].edges;
    int status = merge_hub_table_make(&me->arena, here);
    for (uint32_t i = 0; i < here->used && status == MERGE_OK; i++) {
        const half_edge *half = half_edge_at(here, i, linkage);
        if (leads_to_hub(g, half))
            status = merge_hub_table_add(&me->arena, here, half->to, i);
    }
    return status;
}

static void copy_edges(neighbourhood *larger, const neighbourhood *old, merge_linkage linkage)
{
    larger->used = old->used;
    larger->live = old->live;
    larger->unused = old->unused;
    memcpy(half_edge_at(larger, 0, linkage), half_edge_at(old, 0, linkage),
           old->used * half_edge_size(linkage));
    memcpy((weight_bits *)larger - old->capacity, (weight_bits *)old - old->capacity,
           old->capacity * sizeof(weight_bits));
}

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
    me->graph->vertices[vertex].edges = larger;
    me->has_hubs |= is_hub(larger);
    if (!old)
        return MERGE_OK;
    copy_edges(larger, old, linkage);
    int was_hub = is_hub(old);
    if (was_hub)
        merge_hub_move(larger, old);
    merge_neighbourhood_give_back(&me->arena, old, linkage);
    return is_hub(larger) && !was_hub ? merge_hub_enter(me, vertex, linkage) : MERGE_OK;
}

/* Moves an edge to the next slot of a compacted neighbourhood, which may be the old one. */
static int move_edge(worker *me, neighbourhood *compacted, const neighbourhood *old, uint32_t from,
                     merge_linkage linkage)
{
    const half_edge *half = half_edge_at(old, from, linkage);
    uint32_t slot = compacted->used++;
    memmove(half_edge_at(compacted, slot, linkage), half, half_edge_size(linkage));
    half = half_edge_at(compacted, slot, linkage);
    *weight_at(compacted, slot) = *weight_at(old, from);
    /* Made first where there is none yet: it would be made as if no edge had moved. */
    neighbourhood *there = edges_of(me, half->to, linkage);
    if (!there)
        return MERGE_OUT_OF_MEMORY;
    half_edge_at(there, half->twin, linkage)->twin = slot;
    return MERGE_OK;
}

/* Fetches what move_edge will read and write: the vertex at the other end of the edge in slot
 * 2 * FETCH_DISTANCE from "slot" on, and the twin of the edge half as far ahead. */
INLINE void fetch_edges_to_move(const graph *g, const neighbourhood *old, uint32_t slot,
                                uint32_t used, merge_linkage linkage)
{
    if (slot + 2 * FETCH_DISTANCE >= used)
        return;
    const half_edge *near = half_edge_at(old, slot + FETCH_DISTANCE, linkage);
    const neighbourhood *there = g->vertices[near->to].edges;
    __builtin_prefetch(&g->vertices[half_edge_at(old, slot + 2 * FETCH_DISTANCE, linkage)->to]);
    if (near->to == g->count || !there)
        return;
    __builtin_prefetch(there);
    __builtin_prefetch(half_edge_at(there, near->twin, linkage), 1);
}

/* Removes a vertex, which was a hub before it was compacted, from the tables of its neighbours. */
static void remove_from_hub_tables(const graph *g, uint32_t vertex, merge_linkage linkage)
{
    const neighbourhood *edges = g->vertices[vertex].edges;
    for (uint32_t i = 0; i < edges->used; i++) {
        const half_edge *half = half_edge_at(edges, i, linkage);
        if (leads_to_hub(g, half))
            merge_hub_table_remove(g->vertices[half->to].edges, vertex);
    }
}

/* Moves the edges in the first "used" slots of the old neighbourhood of a vertex to the first slots
 * of a compacted one, which has no edges yet or is the old one. */
static int move_edges_together(worker *me, neighbourhood *compacted, const neighbourhood *old,
                               uint32_t used, merge_linkage linkage)
{
    int status = MERGE_OK;
    compacted->used = 0;
    for (uint32_t i = 0; i < used && status == MERGE_OK; i++) {
        if (is_hub(old))
            fetch_edges_to_move(me->graph, old, i, used, linkage);
        if (half_edge_at(old, i, linkage)->to != me->graph->count)
            status = move_edge(me, compacted, old, i, linkage);
    }
    compacted->live = compacted->used;
    return status;
}

/* Moves the edges of a hub to its first slots. */
static int compact_in_place(worker *me, neighbourhood *edges, merge_linkage linkage)
{
    uint32_t used = edges->used;
    int status = move_edges_together(me, edges, edges, used, linkage);
    edges->unused = NO_SLOT;
    for (uint32_t i = edges->used; i < used; i++)
        *weight_at(edges, i) = NO_WEIGHT;
    merge_hub_set_bounds(edges, used);
    merge_hub_give_back(&me->arena, edges); /* its slots are no longer right */
    return status;
}

int merge_neighbourhood_compact(worker *me, uint32_t vertex, merge_linkage linkage)
{
    graph *g = me->graph;
    neighbourhood *old = g->vertices[vertex].edges;
    if (me->marked == vertex)
        me->marked = NO_VERTEX;
    if (is_hub(old) && old->live > old->capacity / 16)
        return compact_in_place(me, old, linkage);
    neighbourhood *compacted = merge_neighbourhood_make(&me->arena, old->live, linkage);
    if (!compacted)
        return MERGE_OUT_OF_MEMORY;
    int status = move_edges_together(me, compacted, old, old->used, linkage);
    g->vertices[vertex].edges = compacted;
    if (is_hub(compacted))
        merge_hub_set_bounds(compacted, compacted->used);
    else if (is_hub(old))
        remove_from_hub_tables(g, vertex, linkage);
    merge_neighbourhood_give_back(&me->arena, old, linkage);
    return status;
}
