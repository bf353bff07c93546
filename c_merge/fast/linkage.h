/* The linkages: what a super-edge stores, how the pixel edges of a stage are combined, how two
 * edges become one, and in which order pairs may merge.
 *
 * No other file depends on the linkage. In the inner loops the functions are inlined and get a
 * constant linkage, so that the linkage is not tested at run time.
 */
#ifndef FAST_LINKAGE_H
#define FAST_LINKAGE_H

#include "../merge.h"
#include "sums.h"

#define INLINE static inline __attribute__((always_inline))
/* Marks functions that are seldom called. They are not inlined, which keeps the loops around their
 * calls fast. */
#define OUTLINE static __attribute__((noinline))

/* Expands DO(constant, name) for every linkage, to compile code once for each linkage. */
#define FOR_EACH_LINKAGE(DO) \
    DO(LINKAGE_AVERAGE, average) \
    DO(LINKAGE_WEIGHTED, weighted) \
    DO(LINKAGE_SINGLE, single) \
    DO(LINKAGE_COMPLETE, complete)

/* Whether a super-edge stores the sum of its pixel edges beside its weight. */
INLINE int keeps_sums(merge_linkage linkage)
{
    return linkage == LINKAGE_AVERAGE;
}

/* Whether a pair that is mutually best may be merged at any time. DESIGN.md says why. */
INLINE int order_is_free(merge_linkage linkage)
{
    return linkage != LINKAGE_WEIGHTED;
}

/* Pools pixel edges of a stage that join the same two super-vertices. The result is the sum of all
 * affinities with their number; for single and complete it is the largest or smallest affinity,
 * with the number 1. */
INLINE affinity_sum pool_affinities(merge_linkage linkage, const uint16_t *affinities,
                                    uint32_t count, wide_sums *wide)
{
    if (linkage == LINKAGE_SINGLE)
        return sum_of_pixel_edge(largest_affinity(affinities, count));
    if (linkage == LINKAGE_COMPLETE)
        return sum_of_pixel_edge(smallest_affinity(affinities, count));
    return pack_sum(total_affinity(affinities, count), count, wide);
}

/* Pools the pixel edges of an explicit edge that stands for "count" pixel edges. "affinity": the
 * largest of them with single, the smallest with complete. */
INLINE affinity_sum pool_counted_edge(merge_linkage linkage, uint16_t affinity, uint64_t total,
                                      uint64_t count, wide_sums *wide)
{
    if (linkage == LINKAGE_SINGLE || linkage == LINKAGE_COMPLETE)
        return sum_of_pixel_edge(affinity);
    return pack_sum(total, count, wide);
}

/* Combines two results of the two functions above: adds them or, for single and complete, returns
 * the one with the larger or smaller affinity. */
INLINE affinity_sum combine_pooled(merge_linkage linkage, affinity_sum x, affinity_sum y,
                                   wide_sums *wide)
{
    /* Both numbers are 1, so x and y have the same order as the affinities. */
    if (linkage == LINKAGE_SINGLE)
        return x > y ? x : y;
    if (linkage == LINKAGE_COMPLETE)
        return x < y ? x : y;
    return add_sums(x, y, wide);
}

/* A super-edge. The sum is 0 if the linkage keeps no sums. */
typedef struct {
    weight_bits weight;
    affinity_sum sum;
} super_edge;

INLINE super_edge super_edge_of(affinity_sum sum, const wide_sums *wide)
{
    return (super_edge){bits_of(pooled(sum, wide)), sum};
}

/* The weight of two joined super-edges, with a linkage that keeps no sums. */
INLINE weight_bits joined_weight(merge_linkage linkage, weight_bits x, weight_bits y)
{
    if (linkage == LINKAGE_SINGLE)
        return x > y ? x : y;
    if (linkage == LINKAGE_COMPLETE)
        return x < y ? x : y;
    return bits_of((weight_of(x) + weight_of(y)) * 0.5f);
}

/* Joins two super-edges. */
INLINE super_edge join_super_edges(merge_linkage linkage, super_edge x, super_edge y,
                                   wide_sums *wide)
{
    if (keeps_sums(linkage))
        return super_edge_of(add_sums(x.sum, y.sum, wide), wide);
    return (super_edge){joined_weight(linkage, x.weight, y.weight), 0};
}

#endif
