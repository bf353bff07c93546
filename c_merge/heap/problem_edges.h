/* The pixel edges of a problem, and the dense numbers of its vertices.
 *
 * The dense numbers 0..count - 1 number only the vertices of the foreground, in the same order. So
 * the smallest dense number in a super-vertex belongs to its smallest vertex, and can serve as the
 * name of the super-vertex.
 */
#ifndef PROBLEM_EDGES_H
#define PROBLEM_EDGES_H

#include "../check_problem.h"

#define NO_VERTEX UINT32_MAX
#define NO_EDGE UINT32_MAX /* also for a missing half-edge (super_graph.h) */

typedef struct {
    uint32_t count; /* the number of foreground vertices */
    /* The dense number of each vertex, or NO_VERTEX outside the mask. For explicit edges, where
     * both numbers are equal, this is NULL. */
    uint32_t *dense;
    int64_t *vertex_of; /* the vertex of each dense number; NULL for explicit edges */
} vertex_map;

/* What an edge stands for: one pixel edge or, in explicit edges with sums, several. */
typedef struct {
    uint64_t total; /* the sum of the affinities */
    uint64_t count; /* how many affinities are added up */
} pixel_edges;

/* A function that is called with an edge, whose ends u and v are dense numbers. It returns a
 * merge_status. */
typedef int (*edge_visitor)(void *context, uint32_t u, uint32_t v, uint16_t affinity,
                            pixel_edges sum);

#define ALL_STAGES (-1)

/* Numbers the vertices of the foreground. Returns a merge_status. */
int merge_vertex_map_make(vertex_map *map, const merge_problem *problem);
void merge_vertex_map_free(vertex_map *map);

/* Calls visit for every edge of a stage, or of ALL_STAGES, that has both ends in the
 * foreground. Stops at the first status other than MERGE_OK and returns it. */
int merge_for_each_pixel_edge(const merge_problem *problem, const vertex_map *map, int32_t stage,
                              edge_visitor visit, void *context);

#endif
