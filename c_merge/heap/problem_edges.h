/* The pixel edges of a problem, whether grid or explicit edges, and the numbers of its vertices.
 *
 * The vertices of the foreground have dense numbers, 0..count - 1 in raster order. Dense numbers
 * keep the order of the vertices. So a super-vertex is named by the smallest dense number in it,
 * and names compare like the vertices.
 */
#ifndef PROBLEM_EDGES_H
#define PROBLEM_EDGES_H

#include "../check_problem.h"

#define NO_VERTEX UINT32_MAX
#define NO_EDGE UINT32_MAX /* no edge, and no half-edge (super_graph.h) */

typedef struct {
    uint32_t count; /* foreground vertices */
    /* The dense number of each vertex, or NO_VERTEX outside the mask; NULL if each vertex is its
     * own number. */
    uint32_t *dense;
    int64_t *vertex_of; /* the vertex of each dense number; NULL if each number is its own vertex */
} vertex_map;

/* What is done for a pixel edge between dense vertices u and v; returns a merge_status. */
typedef int (*edge_visitor)(void *context, uint32_t u, uint32_t v, uint16_t affinity);

#define ALL_STAGES (-1)

int merge_vertex_map_make(vertex_map *map, const merge_problem *problem);
void merge_vertex_map_free(vertex_map *map);

/* Calls visit, with the dense numbers of both ends, for every pixel edge of a stage (or of
 * ALL_STAGES) whose ends are in the foreground; stops at the first status other than MERGE_OK and
 * returns it. */
int merge_for_each_pixel_edge(const merge_problem *problem, const vertex_map *map, int32_t stage,
                              edge_visitor visit, void *context);

#endif
