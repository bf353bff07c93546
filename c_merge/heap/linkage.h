/* Everything that depends on the linkage: how the pixel edges of a stage are pooled into one edge,
 * how the weight of the edge is computed, and how two edges are joined. */
#ifndef HEAP_LINKAGE_H
#define HEAP_LINKAGE_H

#include "super_graph.h"

/* The weight of a new edge until all pixel edges of the stage have been added to it. */
#define NOT_WEIGHED (-1.0f)

/* The mean affinity: one division in double precision, rounded once to single precision. */
static inline float pooled(uint64_t total, uint64_t count)
{
    return (float)((double)total / (double)(65535 * count));
}

/* Adds pixel edges of the present stage to an edge. For single and complete, the total is one
 * affinity. */
static inline void add_affinity(super_edge *edge, uint16_t affinity, pixel_edges sum,
                                merge_linkage linkage)
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
        edge->total += sum.total;
        edge->count += sum.count;
    }
}

/* The weight of the edge into which two edges with weights x and y are joined, for linkages other
 * than average. */
static inline float joined_weight(float x, float y, merge_linkage linkage)
{
    if (linkage == LINKAGE_SINGLE)
        return x > y ? x : y;
    if (linkage == LINKAGE_COMPLETE)
        return x < y ? x : y;
    return (x + y) * 0.5f;
}

/* Computes the weight of an edge after all pixel edges of the present stage have been added. */
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

/* Joins edge "other" to edge "kept". Edge "other" stays unchanged. */
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
