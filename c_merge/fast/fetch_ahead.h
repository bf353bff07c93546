/* Fetches the memory that the next merges of a hub will read.
 *
 * The hub merges its neighbours in the order of their ranks. They lie anywhere in memory, so each
 * search would wait for the weights of a block, then for a half-edge, then for the vertex that it
 * leads to; and the merge for the edges of this vertex, then for their twins. So several blocks
 * with the largest bounds are followed at the same time, step by step. The result does not depend
 * on which blocks are chosen.
 */
#ifndef FETCH_AHEAD_H
#define FETCH_AHEAD_H

#include "graph.h"

#define MOST_FETCHED 32       /* blocks */
#define MOST_EDGES_FOLLOWED 8 /* of a neighbour of the hub */

/* The best edges of some blocks of a hub. */
typedef struct {
    uint32_t count;
    uint32_t blocks[MOST_FETCHED];
    uint32_t slots[MOST_FETCHED];
    const vertex_state *there[MOST_FETCHED]; /* the vertices that the edges lead to */
} fetched_edges;

/* Lists blocks whose bounds are at least "lowest". */
static inline void list_blocks(const hub *h, edge_key lowest, fetched_edges *list)
{
    list->count = 1;
    list->blocks[0] = 0;
    for (uint32_t level = h->num_levels; level-- > 0;) {
        uint32_t groups[MOST_FETCHED], num_groups = list->count;
        memcpy(groups, list->blocks, sizeof groups);
        list->count = 0;
        for (uint32_t i = 0; i < num_groups; i++) {
            uint32_t keys = keys_at_least(h->levels[level] + groups[i] * HUB_GROUP, lowest);
            for (; keys && list->count < MOST_FETCHED; keys &= keys - 1)
                list->blocks[list->count++] = groups[i] * HUB_GROUP + (uint32_t)__builtin_ctz(keys);
        }
    }
}

/* The slot of a heaviest edge in a block. Its weight is NO_WEIGHT if the block has no edges. */
static inline uint32_t heaviest_slot_in(const neighbourhood *edges, uint32_t block)
{
    uint32_t heaviest = block * HUB_BLOCK;
    for (uint32_t slot = heaviest + 1; slot < (block + 1) * HUB_BLOCK; slot++)
        heaviest = *weight_at(edges, slot) > *weight_at(edges, heaviest) ? slot : heaviest;
    return heaviest;
}

/* Fetches the best edges of the blocks, and the vertices that they lead to with their edges. */
INLINE void fetch_neighbours(const graph *g, const neighbourhood *edges, fetched_edges *list,
                             merge_linkage linkage)
{
    for (uint32_t i = 0; i < list->count; i++)
        __builtin_prefetch(weight_at(edges, (list->blocks[i] + 1) * HUB_BLOCK - 1));
    uint32_t kept = 0;
    for (uint32_t i = 0; i < list->count; i++) {
        uint32_t slot = heaviest_slot_in(edges, list->blocks[i]);
        if (*weight_at(edges, slot) == NO_WEIGHT) /* the block has no edges */
            continue;
        list->slots[kept++] = slot;
        __builtin_prefetch(half_edge_at(edges, slot, linkage));
    }
    list->count = kept;
    for (uint32_t i = 0; i < list->count; i++) {
        list->there[i] = &g->vertices[half_edge_at(edges, list->slots[i], linkage)->to];
        __builtin_prefetch(list->there[i]);
    }
    for (uint32_t i = 0; i < list->count; i++) {
        const neighbourhood *there = list->there[i]->edges;
        if (there) {
            __builtin_prefetch(there);
            __builtin_prefetch((const char *)there + 64);
        }
    }
}

/* Fetches the twins of a vertex's edges, or ("only_vertices") the vertices that the edges lead to.
 */
INLINE void follow_edges(const graph *g, const vertex_state *from, int only_vertices,
                         merge_linkage linkage)
{
    const neighbourhood *edges = from->edges;
    if (!edges || edges->used > MOST_EDGES_FOLLOWED)
        return;
    for (uint32_t i = 0; i < edges->used; i++) {
        const half_edge *half = half_edge_at(edges, i, linkage);
        const vertex_state *to = &g->vertices[half->to];
        if (only_vertices) {
            __builtin_prefetch(to, 1);
        } else if (to->edges && half->to != g->count) {
            __builtin_prefetch(to->edges, 1);
            __builtin_prefetch(half_edge_at(to->edges, half->twin, linkage), 1);
            __builtin_prefetch(weight_at(to->edges, half->twin), 1);
        }
    }
}

/* Fetches ahead if the blocks that were fetched before have mostly been searched. "weight": the
 * largest weight at the hub. The gap is adjusted so that the list of blocks is about half full. */
INLINE void fetch_ahead(const worker *me, const neighbourhood *edges, weight_bits weight,
                        merge_linkage linkage)
{
    hub *h = hub_of(edges);
    if (h->fetched > 0 && weight >= h->fetched_down_to) {
        h->fetched--;
        return;
    }
    const graph *g = me->graph;
    fetched_edges list;
    weight_bits lowest = weight > h->fetch_gap ? weight - h->fetch_gap : 0;
    list_blocks(h, key_of(lowest, 0), &list);
    fetch_neighbours(g, edges, &list, linkage);
    for (uint32_t i = 0; i < list.count; i++)
        follow_edges(g, list.there[i], 1, linkage);
    for (uint32_t i = 0; i < list.count; i++) /* not at a vertex that another worker may change */
        if (!must_not_merge_yet(me, (uint32_t)(list.there[i] - g->vertices)))
            follow_edges(g, list.there[i], 0, linkage);
    h->fetched = list.count;
    h->fetched_down_to = lowest;
    if (list.count > MOST_FETCHED / 2)
        h->fetch_gap -= h->fetch_gap / 4;
    else if (list.count < MOST_FETCHED / 4 && lowest > 0)
        h->fetch_gap += h->fetch_gap / 2;
}

#endif
