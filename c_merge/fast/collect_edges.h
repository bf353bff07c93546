/* The edges that a stage adds, as sums sorted by super-vertex.
 *
 * Of a grid, every worker reads its share of the pixel edges and combines those between the same
 * two super-vertices that it finds shortly after each other. The sums of all workers are then
 * sorted. Explicit edges are sorted at once.
 */
#ifndef COLLECT_EDGES_H
#define COLLECT_EDGES_H

#include "worker_pool.h"

/* Pixel edges between the same two super-vertices, combined. */
typedef struct {
    uint32_t a; /* the smaller number */
    uint32_t b;
    affinity_sum sum;
} new_edge;

typedef struct {
    new_edge *edges; /* sorted by a */
    uint32_t count;
} sorted_edges;

/* Collects the edges of a stage. Before the call, the parent of every vertex must be its
 * super-vertex. Returns a merge_status. */
int merge_collect_edges(worker_pool *pool, int32_t stage, arena *memory, sorted_edges *found);

/* Combines edges that join the same two super-vertices. Returns a merge_status. */
int merge_combine_parallel_edges(worker *me, sorted_edges *found);

#endif
