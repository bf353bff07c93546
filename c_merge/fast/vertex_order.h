/* The numbers of vertices, and the tiles that are worked on together.
 *
 * Pixels are numbered tile by tile along a Z-curve (Morton order), so that vertices visited shortly
 * after each other are close in memory, and that any range of tiles has a short border. The name of
 * a pixel's vertex is its raster index.
 */
#ifndef VERTEX_ORDER_H
#define VERTEX_ORDER_H

#include "graph.h"

/* Sets g->number, pixel, count and tiles. */
int merge_order_vertices(graph *g, arena *memory);

#endif
