/* What a linkage is: how a stage's pixel edges are combined into one edge, how the edge is then
 * weighed, and how two edges become one. Nothing else in this merge depends on the linkage. */
#ifndef HEAP_LINKAGE_H
#define HEAP_LINKAGE_H

#include "super_graph.h"

#define NOT_WEIGHED (-1.0f) /* the weight of an edge that the present stage is still adding */

/* The mean affinity: one division in double precision, one rounding to single. */
static inline float pooled(uint64_t total, uint64_t count)
{
    return (float)((double)total / (double)(65535 * count));
}

/* Adds a pixel edge of the present stage to an edge. */
static inline void add_affinity(super_edge *edge, uint16_t affinity, merge_linkage linkage)
{
    switch (linkage) {
    case LINKAGE_SINGLE:
        edge->total = edge->count == 0 || affinity > edge->total ? affinity : edge->total;
        edge->count = 1;
        break;
    case LINKAGE_COMPLETE:
        edge->total = edge->count == 0 || affinity < edge->total ? affinity : edge->total;
        edge->count = 1;
        break;
    default:
        edge->total += affinity;
        edge->count++;
    }
}

/* The weight of two edges that become one, for linkages whose edges keep no sums. */
static inline float joined_weight(float x, float y, merge_linkage linkage)
{
    if (linkage == LINKAGE_SINGLE)
        return x > y ? x : y;
    if (linkage == LINKAGE_COMPLETE)
        return x < y ? x : y;
    return (x + y) * 0.5f;
}

/* Weighs an edge when all pixel edges of the present stage have been added to it. */
static inline void weigh_edge(super_edge *edge, merge_linkage linkage)
{
    float added = pooled(edge->total, edge->count);
    if (linkage == LINKAGE_AVERAGE) {
        edge->weight = added;
        return;
    }
    edge->weight =
        edge->weight == NOT_WEIGHED ? added : joined_weight(edge->weight, added, linkage);
    edge->total = edge->count = 0;
}

/* Joins another edge to the one that is kept. */
static inline void join_edge(super_edge *kept, const super_edge *other, merge_linkage linkage)
{
    if (linkage != LINKAGE_AVERAGE) {
        kept->weight = joined_weight(kept->weight, other->weight, linkage);
        return;
    }
    kept->total += other->total;
    kept->count += other->count;
    kept->weight = pooled(kept->total, kept->count);
}

#endif
