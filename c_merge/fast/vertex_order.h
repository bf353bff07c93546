/* The numbers of vertices, and the tiles that are worked on together.
 *
 * Pixels are numbered tile by tile along a Z-curve (Morton order): what is worked on at one time
 * lies together in memory, and any range of tiles has a short border. The name of a pixel's vertex
 * is its raster index.
 */
#ifndef VERTEX_ORDER_H
#define VERTEX_ORDER_H

#include "graph.h"

/* Sets g->number, pixel, count and tiles. */
int merge_order_vertices(graph *g, arena *memory);

#endif
