/* The edges that a stage begins with, as one edge between each two super-vertices.
 *
 * Every worker walks over its share of the pixel edges and adds up those that it meets again soon;
 * what all have found is then sorted by vertex, so that whoever takes it finds the edges of one
 * together.
 */
#ifndef COLLECT_EDGES_H
#define COLLECT_EDGES_H

#include "worker_pool.h"

/* Pixel edges between two super-vertices. */
typedef struct {
    uint32_t a; /* the larger number */
    uint32_t b;
    affinity_sum sum;
} new_edge;

typedef struct {
    new_edge *edges; /* by their first vertex; the same two may be joined by several */
    uint32_t *first; /* of each vertex; one more for the end */
} sorted_edges;

/* Every vertex's parent is its super-vertex by now. */
int merge_collect_edges(worker_pool *pool, int32_t stage, arena *memory, sorted_edges *found);

/* Edges of one vertex to the same neighbour become one, in place; returns how many are left. */
uint32_t merge_pool_edges(worker *me, new_edge *edges, uint32_t count);

#endif
