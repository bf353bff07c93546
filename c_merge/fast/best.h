/* The best edge of a vertex, looked for among all of its edges. */
#ifndef BEST_H
#define BEST_H

#if defined(__AVX2__)
#include <immintrin.h>
#endif

#include "pixels.h"

/* Eight at a time, in whatever registers there are. */
typedef weight_bits eight_weights __attribute__((vector_size(32)));

static inline eight_weights eight_at(const weight_bits *weights)
{
    eight_weights eight;
    memcpy(&eight, weights, sizeof eight);
    return eight;
}

static inline weight_bits heaviest_of(const neighbourhood *edges)
{
    eight_weights heaviest = eight_at(eight_weights_at(edges, 0));
    for (uint32_t first = 8; first < edges->used; first += 8) {
        eight_weights other = eight_at(eight_weights_at(edges, first)), larger = other > heaviest;
        heaviest = (other & larger) | (heaviest & ~larger);
    }
    weight_bits found = heaviest[0];
    for (int i = 1; i < 8; i++)
        found = heaviest[i] > found ? heaviest[i] : found;
    return found;
}

/* Which of eight weights are equal to one, a bit for each. */
static inline uint32_t equal_ones(const weight_bits *weights, weight_bits bits)
{
#if defined(__AVX2__)
    __m256i same = _mm256_cmpeq_epi32(_mm256_loadu_si256((const __m256i *)weights), _mm256_set1_epi32(bits));
    return (uint32_t)_mm256_movemask_ps(_mm256_castsi256_ps(same));
#else
    uint32_t found = 0;
    for (int i = 0; i < 8; i++)
        found |= (uint32_t)(weights[i] == bits) << i;
    return found;
#endif
}

/* Of edges of one vertex that weigh the same, the one to the neighbour with the larger name goes
 * first: that is what the rule for ties comes to where one end is given. */
INLINE int find_best(worker *me, uint32_t vertex, best_edge *found, int average)
{
    graph *g = me->graph;
    const neighbourhood *edges = edges_of(me, vertex, average);
    if (!edges)
        return MERGE_OUT_OF_MEMORY;
    weight_bits heaviest = edges->used ? heaviest_of(edges) : ABSENT;
    uint32_t best = g->count, name = 0, equals = 0;
    for (uint32_t i = 0; heaviest >= 0 && i < edges->used; i += 8)
        for (uint32_t same = equal_ones(eight_weights_at(edges, i), heaviest); same; same &= same - 1) {
            uint32_t to = half_at(edges, i + (uint32_t)__builtin_ctz(same), average)->to;
            if (equals++ == 0 || g->name[to] > name) {
                best = to;
                name = g->name[to];
            }
        }
    g->best[vertex] = (best_edge){heaviest, equals > 1 ? best | DOUBTFUL : best};
    *found = (best_edge){heaviest, best};
    return MERGE_OK;
}

/* The best edge of a vertex as it is now. */
INLINE int best_of(worker *me, uint32_t vertex, best_edge *found, int average)
{
    *found = me->graph->best[vertex];
    return found->to & DOUBTFUL ? find_best(me, vertex, found, average) : MERGE_OK;
}

#endif
