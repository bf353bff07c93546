/* The pixel edges of a problem of either form, and the numbers of its vertices.
 *
 * The vertices of the foreground have dense numbers, 0..count - 1 in raster order. Dense numbers
 * have the same order as vertices, so names are compared as dense numbers.
 */
#ifndef PROBLEM_EDGES_H
#define PROBLEM_EDGES_H

#include "../check_problem.h"

#define NO_VERTEX UINT32_MAX
#define NO_EDGE UINT32_MAX /* neither an edge nor a half-edge */

typedef struct {
    uint32_t count;     /* foreground vertices */
    uint32_t *dense;    /* number of each vertex, NO_VERTEX outside the mask; NULL: the same */
    int64_t *vertex_of; /* the vertex of each dense number; NULL: the same */
} vertex_map;

/* What is done for a pixel edge between dense vertices u and v; returns a merge_status. */
typedef int (*edge_visitor)(void *context, uint32_t u, uint32_t v, uint16_t affinity);

#define ALL_STAGES (-1)

int merge_vertex_map_make(vertex_map *map, const merge_problem *problem);
void merge_vertex_map_free(vertex_map *map);

/* Calls visit for every pixel edge of a stage (or of ALL_STAGES) with dense ends; stops at the
 * first status other than MERGE_OK and returns it. */
int merge_for_each_pixel_edge(const merge_problem *problem, const vertex_map *map, int32_t stage,
                              edge_visitor visit, void *context);

#endif
