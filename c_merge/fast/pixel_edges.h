/* Pixels whose edges are still only in the grid.
 *
 * A pixel gets a neighbourhood of its own when it is first looked at, or when a neighbour merges.
 * Until then no neighbour of it has merged, so its edges are still what the grid says: the one to
 * the neighbour number i is at slot i, and its twin at the slot of the opposite neighbour.
 */
#ifndef PIXEL_EDGES_H
#define PIXEL_EDGES_H

#include "graph.h"

/* What the first stage that has edges makes of a grid: g->pixel_neighbours. */
int merge_pixel_neighbours_make(graph *g, arena *memory, int32_t stage);

/* Whether a pixel that has no neighbourhood yet has a neighbour outside a range of vertices. */
int merge_pixel_reaches_beyond(const graph *g, uint32_t vertex, uint32_t first, uint32_t end);

int merge_pixel_edges_make(worker *me, uint32_t vertex, int average);

/* The neighbourhood of a vertex, made if there is none yet; NULL: out of memory. */
static inline neighbourhood *edges_of(worker *me, uint32_t vertex, int average)
{
    if (!me->graph->vertices[vertex].edges &&
        merge_pixel_edges_make(me, vertex, average) != MERGE_OK)
        return NULL;
    return me->graph->vertices[vertex].edges;
}

#endif
