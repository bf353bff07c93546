/* The numbers of vertices, and the ranges of them that are worked on together.
 *
 * Pixels are numbered tile by tile along a Z-curve (Morton order): what is worked on at one time
 * lies together in memory, and any range of tiles has a short border. Names stay those of the
 * raster: name[v] is the pixel itself.
 */
#ifndef VERTEX_ORDER_H
#define VERTEX_ORDER_H

#include "graph.h"

/* Numbers the vertices: g->number, pixel, count, and the ranges. */
int merge_order_vertices(graph *g, arena *memory);

#endif
