/* Divides a grid into tiles and numbers the vertices tile by tile.
 *
 * Tiles are ordered along a Z-curve (Morton order). So vertices that are visited one after the
 * other are close in memory, and a range of tiles has a short border. The name of a pixel is its
 * raster index in the grid, not the number of its vertex.
 */
#ifndef VERTEX_ORDER_H
#define VERTEX_ORDER_H

#include "graph.h"

/* Sets g->number, which lies in the labels of the result, g->count, g->tiles and g->num_tiles.
 * Returns a merge_status. */
int merge_order_vertices(graph *g, arena *memory, const merge_output *output);

#endif
