/* What a linkage is: what a super-edge stores, how a stage's pixel edges are combined, how two
 * edges become one, and in which order pairs may merge.
 *
 * No other file depends on the linkage. The functions are always inlined and get a constant linkage
 * in the inner loops, so that no linkage is tested for at run time.
 */
#ifndef FAST_LINKAGE_H
#define FAST_LINKAGE_H

#include "../merge.h"
#include "sums.h"

#define INLINE static inline __attribute__((always_inline))

/* DO(constant, name) for every linkage: for code that is compiled once for each. */
#define FOR_EACH_LINKAGE(DO) \
    DO(LINKAGE_AVERAGE, average) \
    DO(LINKAGE_WEIGHTED, weighted) \
    DO(LINKAGE_SINGLE, single) \
    DO(LINKAGE_COMPLETE, complete)

/* Whether a super-edge stores, beside its weight, the sum of its pixel edges. */
INLINE int keeps_sums(merge_linkage linkage)
{
    return linkage == LINKAGE_AVERAGE;
}

/* Whether any pair that is mutually best may be merged at any time: see DESIGN.md. */
INLINE int order_is_free(merge_linkage linkage)
{
    return linkage != LINKAGE_WEIGHTED;
}

/* Pixel edges of a stage between the same two super-vertices, as one: their sum or, for single and
 * complete, one of them. */
INLINE affinity_sum combine_affinities(merge_linkage linkage, const uint16_t *affinities,
                                       uint32_t count, arena *memory)
{
    if (linkage == LINKAGE_SINGLE)
        return sum_of_pixel_edge(largest_affinity(affinities, count));
    if (linkage == LINKAGE_COMPLETE)
        return sum_of_pixel_edge(smallest_affinity(affinities, count));
    return merge_pack_sum(total_affinity(affinities, count), count, memory);
}

/* The pixel edges of two sums as one. */
INLINE affinity_sum combine_sums(merge_linkage linkage, affinity_sum x, affinity_sum y,
                                 arena *memory)
{
    /* A sum of one pixel edge is the larger, the larger its affinity. */
    if (linkage == LINKAGE_SINGLE)
        return x > y ? x : y;
    if (linkage == LINKAGE_COMPLETE)
        return x < y ? x : y;
    return add_sums(x, y, memory);
}

/* A super-edge; the sum is there only where the linkage keeps sums. */
typedef struct {
    weight_bits weight;
    affinity_sum sum;
} super_edge;

INLINE super_edge super_edge_of(affinity_sum sum)
{
    return (super_edge){bits_of(pooled(sum)), sum};
}

/* The weight of two super-edges that become one, where no sums are kept. */
INLINE weight_bits joined_weight(merge_linkage linkage, weight_bits x, weight_bits y)
{
    if (linkage == LINKAGE_SINGLE)
        return x > y ? x : y;
    if (linkage == LINKAGE_COMPLETE)
        return x < y ? x : y;
    return bits_of((weight_of(x) + weight_of(y)) * 0.5f);
}

/* Two super-edges that become one. */
INLINE super_edge join_super_edges(merge_linkage linkage, super_edge x, super_edge y, arena *memory)
{
    if (keeps_sums(linkage))
        return super_edge_of(add_sums(x.sum, y.sum, memory));
    return (super_edge){joined_weight(linkage, x.weight, y.weight), 0};
}

#endif
