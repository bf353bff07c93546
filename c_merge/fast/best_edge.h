/* The search for the best edge of a vertex. */
#ifndef BEST_EDGE_H
#define BEST_EDGE_H

#include "fetch_ahead.h"
#include "pixel_edges.h"

/* Eight weights, which are compared at the same time. The compiler chooses the registers. */
typedef weight_bits eight_weights __attribute__((vector_size(32)));

static inline eight_weights load_eight_weights(const neighbourhood *edges, uint32_t first)
{
    eight_weights eight;
    memcpy(&eight, weight_at(edges, first + 7), sizeof eight);
    return eight;
}

/* Weights lie in memory in descending order of slots. So the row of eight weights that begins with
 * slot "first" has slot first + 7 in column 0 and slot first in column 7. For each column: the
 * largest weight; the "first" of the row in which it is; and whether the column has it twice (then
 * all bits are set). */
typedef struct {
    eight_weights weight;
    eight_weights first;
    eight_weights twice;
} heaviest_eight;

static inline heaviest_eight find_heaviest(const neighbourhood *edges, uint32_t first, uint32_t end)
{
    heaviest_eight best = {.weight = load_eight_weights(edges, first)};
    best.first += (weight_bits)first;
    for (first += 8; first < end; first += 8) {
        eight_weights other = load_eight_weights(edges, first), here = {0};
        eight_weights larger = other > best.weight, same = other == best.weight;
        here += (weight_bits)first;
        best.weight = (other & larger) | (best.weight & ~larger);
        best.first = (here & larger) | (best.first & ~larger);
        best.twice = (best.twice & ~larger) | same;
    }
    return best;
}

/* The columns whose weight equals a given weight: one bit for each column. */
static inline uint32_t equal_columns(eight_weights weights, weight_bits weight)
{
#if defined(USE_AVX2)
    return (uint32_t)_mm256_movemask_ps((__m256)(weights == weight));
#else
    uint32_t found = 0;
    for (int i = 0; i < 8; i++)
        found |= (uint32_t)(weights[i] == weight) << i;
    return found;
#endif
}

static inline weight_bits largest_of(eight_weights weights)
{
    weight_bits found = weights[0];
    for (int i = 1; i < 8; i++)
        found = weights[i] > found ? weights[i] : found;
    return found;
}

/* The other end of the edge with the highest rank, among the edges of this weight in the slots
 * first .. end - 1. It is the neighbour with the largest name, because all these edges have one end
 * in common. */
static inline uint32_t break_tie(const graph *g, const neighbourhood *edges, uint32_t first,
                                 uint32_t end, weight_bits weight, merge_linkage linkage)
{
    uint32_t best = g->count, name = 0;
    for (; first < end; first += 8) {
        uint32_t columns = equal_columns(load_eight_weights(edges, first), weight);
        for (; columns; columns &= columns - 1) {
            uint32_t slot = first + 7 - (uint32_t)__builtin_ctz(columns);
            uint32_t to = half_edge_at(edges, slot, linkage)->to;
            if (best == g->count || g->vertices[to].name > name) {
                best = to;
                name = g->vertices[to].name;
            }
        }
    }
    return best;
}

/* The best of the edges in the slots first .. end - 1. Whole rows of eight slots are read; the
 * slots from end on have NO_WEIGHT. The best edge is marked stale if another edge in these slots
 * weighs the same. */
INLINE best_edge best_edge_in(const graph *g, const neighbourhood *edges, uint32_t first,
                              uint32_t end, merge_linkage linkage)
{
    heaviest_eight best = find_heaviest(edges, first, end);
    weight_bits weight = largest_of(best.weight);
    if (weight == NO_WEIGHT)
        return (best_edge){NO_WEIGHT, g->count};
    uint32_t columns = equal_columns(best.weight, weight);
    uint32_t column = (uint32_t)__builtin_ctz(columns);
    if ((columns & (columns - 1)) == 0 && !best.twice[column])
        return (best_edge){
            weight, half_edge_at(edges, (uint32_t)best.first[column] + 7 - column, linkage)->to};
    return (best_edge){weight, break_tie(g, edges, first, end, weight, linkage) | STALE};
}

/* The best of the edges in a neighbourhood of a capacity of at most FEW_EDGES. It is marked stale
 * if another edge weighs the same. */
INLINE best_edge best_edge_of_few(const graph *g, const neighbourhood *edges, merge_linkage linkage)
{
    best_edge best = {NO_WEIGHT, g->count};
    uint32_t tied = 0;
    for (uint32_t i = 0; i < edges->used; i++) {
        weight_bits weight = *weight_at(edges, i);
        uint32_t to = half_edge_at(edges, i, linkage)->to;
        if (weight < best.weight || weight == NO_WEIGHT)
            continue;
        tied = weight == best.weight ? STALE : 0;
        if (!tied || g->vertices[to].name > g->vertices[best.to].name)
            best = (best_edge){weight, to};
    }
    best.to |= tied;
    return best;
}

/* The largest weight in a block of a hub, NO_WEIGHT if the block has no edges. */
static inline weight_bits heaviest_in_block(const neighbourhood *edges, uint32_t block)
{
    eight_weights largest = load_eight_weights(edges, block * HUB_BLOCK);
    for (uint32_t first = 8; first < HUB_BLOCK; first += 8) {
        eight_weights other = load_eight_weights(edges, block * HUB_BLOCK + first);
        eight_weights larger = other > largest;
        largest = (other & larger) | (largest & ~larger);
    }
    return largest_of(largest);
}

/* The best edge of a hub that has edges. It is marked stale, because another edge that weighs the
 * same may be in another block.
 *
 * The block with the largest bound is searched. If the largest key in it is below the bound, the
 * bound is lowered, and the search begins again; otherwise no other block has a larger key. Names
 * are read only in a block that has a weight as large as its bound: until then its bound has
 * UINT32_MAX as name. */
OUTLINE best_edge best_edge_of_hub(const worker *me, const neighbourhood *edges,
                                   merge_linkage linkage)
{
    const graph *g = me->graph;
    for (;;) {
        edge_key bound;
        uint32_t block = block_with_largest_key(edges, &bound);
        weight_bits weight = heaviest_in_block(edges, block);
        if (weight < weight_of_key(bound)) {
            lower_key(edges, block, weight == NO_WEIGHT ? NO_KEY : key_of(weight, UINT32_MAX));
            continue;
        }
        if (name_of_key(bound) == UINT32_MAX)
            fetch_ahead(me, edges, weight, linkage);
        best_edge best =
            best_edge_in(g, edges, block * HUB_BLOCK, (block + 1) * HUB_BLOCK, linkage);
        edge_key exact = key_of(weight, g->vertices[best.to & ~STALE].name);
        if (exact != bound)
            lower_key(edges, block, exact);
        if (exact == largest_bound(edges))
            return (best_edge){weight, best.to | STALE};
    }
}

/* Searches the edges of a vertex. Stores the best edge in the vertex, marked stale if another edge
 * may weigh the same: then names decide, and names may change. Sets *found to the best edge without
 * the mark. Returns a merge_status. */
INLINE int find_best_edge(worker *me, uint32_t vertex, best_edge *found, merge_linkage linkage)
{
    graph *g = me->graph;
    const neighbourhood *edges = edges_of(me, vertex, linkage);
    if (!edges)
        return MERGE_OUT_OF_MEMORY;
    best_edge best = {NO_WEIGHT, g->count};
    if (edges->live > 0)
        best = is_hub(edges)                  ? best_edge_of_hub(me, edges, linkage)
               : edges->capacity <= FEW_EDGES ? best_edge_of_few(g, edges, linkage)
                                              : best_edge_in(g, edges, 0, edges->used, linkage);
    g->vertices[vertex].best = best;
    if (!order_is_free(linkage))
        me->patience -= edges->used < PATIENCE_PER_SEARCH ? edges->used : PATIENCE_PER_SEARCH;
    *found = (best_edge){best.weight, best.to & ~STALE};
    return MERGE_OK;
}

/* Sets *found to the best edge of a vertex: the stored one or, if that is stale, the result of a
 * new search. Returns a merge_status. */
INLINE int best_edge_of(worker *me, uint32_t vertex, best_edge *found, merge_linkage linkage)
{
    *found = me->graph->vertices[vertex].best;
    return found->to & STALE ? find_best_edge(me, vertex, found, linkage) : MERGE_OK;
}

#endif
