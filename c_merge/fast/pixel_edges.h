/* Pixels whose edges are still in the grid only.
 *
 * A pixel gets a neighbourhood when it is first visited or when a neighbour merges. Until then its
 * edges are those of the grid: the edge to neighbour i counts as being in slot i, and its twin, at
 * that neighbour, in the slot of the opposite direction.
 */
#ifndef PIXEL_EDGES_H
#define PIXEL_EDGES_H

#include "graph.h"

/* Sets the fields of g from pixel_neighbours to margin, for the first stage that has edges. */
int merge_pixel_neighbours_make(graph *g, arena *memory, int32_t stage);

/* Whether a pixel that has no neighbourhood yet has a neighbour outside a range of vertices. */
int merge_pixel_has_neighbour_outside(const graph *g, uint32_t vertex, uint32_t first,
                                      uint32_t end);

/* Makes the neighbourhood of a pixel from the grid. */
int merge_pixel_edges_make(worker *me, uint32_t vertex, merge_linkage linkage);

/* The neighbourhood of a vertex, made if there is none yet; NULL: out of memory. */
static inline neighbourhood *edges_of(worker *me, uint32_t vertex, merge_linkage linkage)
{
    if (!me->graph->vertices[vertex].edges &&
        merge_pixel_edges_make(me, vertex, linkage) != MERGE_OK)
        return NULL;
    return me->graph->vertices[vertex].edges;
}

#endif
