/* Makes the neighbourhood of a pixel from the grid, when its edges are needed for the first time.
 *
 * They are needed when the pixel is visited or when one of its neighbours is merged. The edge to
 * neighbour i of the pixel is in slot i, and its twin is in the slot of the opposite neighbour.
 * Half-edges elsewhere rely on these slots even before the neighbourhood is made.
 */
#ifndef PIXEL_EDGES_H
#define PIXEL_EDGES_H

#include "graph.h"

/* Sets the fields of g that describe the neighbours of a pixel, from pixel_neighbours to margin,
 * for the first stage that has edges. Returns a merge_status. */
int merge_pixel_neighbours_make(graph *g, arena *memory, int32_t stage);

/* Whether one of the neighbours of a pixel is a vertex outside first..end - 1. The pixel need not
 * have a neighbourhood yet. */
int merge_pixel_has_neighbour_outside(const graph *g, uint32_t vertex, uint32_t first,
                                      uint32_t end);

/* Makes the neighbourhood of a pixel, with room for "room" more edges. Returns a merge_status. */
int merge_pixel_edges_make(worker *me, uint32_t vertex, uint32_t room, merge_linkage linkage);

/* The neighbourhood of a vertex, which is made if the vertex has none yet. Returns NULL if there is
 * not enough memory. */
static inline neighbourhood *edges_of(worker *me, uint32_t vertex, merge_linkage linkage)
{
    if (!me->graph->vertices[vertex].edges &&
        merge_pixel_edges_make(me, vertex, 0, linkage) != MERGE_OK)
        return NULL;
    return me->graph->vertices[vertex].edges;
}

#endif
