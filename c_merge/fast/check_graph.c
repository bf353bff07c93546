/* Checks the invariants of the graph. If a check fails, there is a mistake in the C code. */
#include "check_graph.h"

/* Whether a half-edge and its twin lead to each other and have the same weight and sum. A pixel
 * without a neighbourhood has no twins in memory, so it is not checked. */
static int twin_agrees(const graph *g, uint32_t vertex, uint32_t slot, merge_linkage linkage)
{
    const neighbourhood *mine = g->vertices[vertex].edges;
    const half_edge *half = half_edge_at(mine, slot, linkage);
    if (!is_alive(g, half->to) || half->to == vertex)
        return 0;
    const neighbourhood *theirs = g->vertices[half->to].edges;
    if (!theirs)
        return g->num_pixel_neighbours > 0;
    const half_edge *back = half_edge_at(theirs, half->twin, linkage);
    return half->twin < theirs->used && back->to == vertex && back->twin == slot &&
           *weight_at(mine, slot) == *weight_at(theirs, half->twin) &&
           (!keeps_sums(linkage) ||
            (*sum_at(mine, slot) == *sum_at(theirs, half->twin) &&
             *weight_at(mine, slot) ==
                 bits_of(pooled(super_edge_at(mine, slot, linkage).sum, &g->wide_sums))));
}

/* Whether every used slot holds an edge or is on the free list, and the counts of both are right.
 */
static int slots_are_right(const graph *g, uint32_t vertex, merge_linkage linkage)
{
    const neighbourhood *edges = g->vertices[vertex].edges;
    uint32_t live = 0, unused = 0;
    for (uint32_t i = 0; i < edges->used; i++) {
        int absent = half_edge_at(edges, i, linkage)->to >= g->count;
        if (absent != (*weight_at(edges, i) == NO_WEIGHT))
            return 0;
        if (!absent && !twin_agrees(g, vertex, i, linkage))
            return 0;
        live += !absent;
    }
    for (uint32_t i = edges->unused; i != NO_SLOT; i = half_edge_at(edges, i, linkage)->twin)
        if (i >= edges->used || half_edge_at(edges, i, linkage)->to < g->count ||
            unused++ >= edges->used)
            return 0;
    for (uint32_t i = edges->used; i < edges->capacity; i++)
        if (*weight_at(edges, i) != NO_WEIGHT)
            return 0;
    return live == edges->live && live + unused == edges->used && edges->used <= edges->capacity;
}

/* Whether the cached best edge is the edge with the largest (weight, name of the neighbour). A
 * stale one must weigh at least as much as that edge. */
static int best_is_right(const graph *g, uint32_t vertex, merge_linkage linkage)
{
    const neighbourhood *edges = g->vertices[vertex].edges;
    best_edge first = {NO_WEIGHT, g->count}, kept = g->vertices[vertex].best;
    for (uint32_t i = 0; i < edges->used; i++) {
        uint32_t to = half_edge_at(edges, i, linkage)->to;
        weight_bits weight = *weight_at(edges, i);
        if (to < g->count &&
            (weight > first.weight ||
             (weight == first.weight && g->vertices[to].name > g->vertices[first.to].name)))
            first = (best_edge){weight, to};
    }
    if (kept.to & STALE)
        return kept.weight >= first.weight;
    return kept.weight == first.weight && kept.to == first.to;
}

/* Whether every bound of a hub is at least the keys of its block, and the largest of its group. */
static int bounds_are_right(const graph *g, const neighbourhood *edges, merge_linkage linkage)
{
    const hub *h = hub_of(edges);
    for (uint32_t i = 0; i < edges->used; i++) {
        uint32_t to = half_edge_at(edges, i, linkage)->to;
        if (to < g->count &&
            h->levels[0][i / HUB_BLOCK] < key_of(*weight_at(edges, i), g->vertices[to].name))
            return 0;
    }
    uint64_t keys = edges->capacity / HUB_BLOCK;
    for (uint32_t level = 1; level < h->num_levels; level++) {
        keys = (keys + HUB_GROUP - 1) / HUB_GROUP;
        for (uint64_t i = 0; i < keys; i++)
            if (h->levels[level][i] != largest_key(h->levels[level - 1] + i * HUB_GROUP))
                return 0;
    }
    return keys <= HUB_GROUP;
}

/* Whether the table of a hub, if it has been made, holds the edges to other hubs, and nothing else.
 */
static int hub_neighbours_are_right(const graph *g, const neighbourhood *edges,
                                    merge_linkage linkage)
{
    uint32_t count = 0;
    if (!hub_of(edges)->table)
        return 1;
    for (uint32_t i = 0; i < edges->used; i++) {
        uint32_t to = half_edge_at(edges, i, linkage)->to;
        const neighbourhood *there = to < g->count ? g->vertices[to].edges : NULL;
        if (!there || !is_hub(there))
            continue;
        count++;
        if (merge_hub_table_find(edges, to) != i)
            return 0;
    }
    return hub_of(edges)->num_entries == count;
}

int merge_check_graph(const graph *g, weight_bits threshold)
{
    merge_linkage linkage = g->linkage;
    for (uint32_t v = 0; v < g->count; v++) {
        const vertex_state *state = &g->vertices[v];
        if (!is_alive(g, v)) {
            if (state->best.weight != NO_WEIGHT || state->edges)
                return MERGE_BROKEN;
            continue;
        }
        if (state->best.weight >= threshold || state->worklist_index < POSTPONED)
            return MERGE_BROKEN;
        if (state->edges && !(slots_are_right(g, v, linkage) && best_is_right(g, v, linkage)))
            return MERGE_BROKEN;
        if (state->edges && is_hub(state->edges) &&
            !(bounds_are_right(g, state->edges, linkage) &&
              hub_neighbours_are_right(g, state->edges, linkage)))
            return MERGE_BROKEN;
    }
    return MERGE_OK;
}
