/* The pixel edges of a problem of either form, and the numbers of its vertices.
 *
 * Inside the merge vertices are dense: 0..count - 1 over the foreground in raster order, so that
 * comparing two of them is comparing their names.
 */
#ifndef PROBLEM_EDGES_H
#define PROBLEM_EDGES_H

#include "../check_problem.h"

#define NO_VERTEX UINT32_MAX
#define NO_EDGE UINT32_MAX /* neither an edge nor a half-edge */

typedef struct {
    uint32_t count;     /* foreground vertices */
    uint32_t *dense;    /* of each vertex, NO_VERTEX outside the mask; NULL: the same number */
    int64_t *vertex_of; /* vertex of each dense number; NULL: the same number */
} vertex_map;

typedef int (*edge_visitor)(void *context, uint32_t u, uint32_t v, uint16_t affinity);

#define ALL_STAGES (-1)

int merge_vertex_map_make(vertex_map *map, const merge_problem *problem);
void merge_vertex_map_free(vertex_map *map);

/* Calls visit for every pixel edge of a stage (or of ALL_STAGES) with dense ends; stops at the
 * first status other than MERGE_OK and returns it. */
int merge_for_each_pixel_edge(const merge_problem *problem, const vertex_map *map, int32_t stage,
                              edge_visitor visit, void *context);

#endif
