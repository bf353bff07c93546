/* The edges that a stage adds, pooled and sorted by super-vertex.
 *
 * Every worker walks over its share of the pixel edges and pools those that join the same two
 * super-vertices within a short while. What all workers have found is then sorted by vertex.
 */
#ifndef COLLECT_EDGES_H
#define COLLECT_EDGES_H

#include "worker_pool.h"

/* Pixel edges between two super-vertices, pooled. */
typedef struct {
    uint32_t a; /* the larger number */
    uint32_t b;
    affinity_sum sum;
} new_edge;

typedef struct {
    new_edge *edges; /* sorted by a; several may join the same two vertices */
    uint32_t *first; /* of each vertex the index of its first edge; one more for the end */
} sorted_edges;

/* Before the call every vertex's parent must be its super-vertex. */
int merge_collect_edges(worker_pool *pool, int32_t stage, arena *memory, sorted_edges *found);

/* Pools edges of one vertex to the same neighbour, in place; returns how many edges are left. */
uint32_t merge_combine_parallel_edges(worker *me, new_edge *edges, uint32_t count);

#endif
