/* The edges that a stage adds, as sums sorted by super-vertex.
 *
 * Every worker reads its share of the pixel edges and combines those between the same two
 * super-vertices that it finds shortly after each other. The sums of all workers are then sorted.
 */
#ifndef COLLECT_EDGES_H
#define COLLECT_EDGES_H

#include "worker_pool.h"

/* Pixel edges between the same two super-vertices, combined. */
typedef struct {
    uint32_t a; /* the larger number */
    uint32_t b;
    affinity_sum sum;
} new_edge;

typedef struct {
    new_edge *edges; /* sorted by a; several may join the same two super-vertices */
    uint32_t *first; /* the edges of vertex a have the indices first[a] .. first[a + 1] - 1 */
} sorted_edges;

/* Collects the edges of a stage. Before the call, the parent of every vertex must be its
 * super-vertex. Returns a merge_status. */
int merge_collect_edges(worker_pool *pool, int32_t stage, arena *memory, sorted_edges *found);

/* Combines edges that lead to the same b, in place. All "count" edges have the same a. Returns the
 * number of edges that are left. */
uint32_t merge_combine_parallel_edges(worker *me, new_edge *edges, uint32_t count);

#endif
