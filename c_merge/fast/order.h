/* The numbers of vertices, and the ranges of them that are worked on together.
 *
 * Pixels are numbered tile by tile along a Z-curve (Morton order), so that a tile, four neighbouring
 * tiles, sixteen and so on are each a range of numbers, and what is worked on at one time lies
 * together in memory. Names stay those of the raster: name[v] is the pixel itself.
 */
#ifndef ORDER_H
#define ORDER_H

#include "graph.h"

/* Numbers the vertices: graph->number, pixel, count, and the ranges. */
int order_make(graph *graph, arena *arena);

/* The end of the range of a level that begins with tile "first"; a level joins 2^bits ranges of the
 * level below to one. */
uint64_t order_range_end(const graph *graph, uint64_t first, int level);

/* Whether a level has one range for all. */
int order_is_whole(const graph *graph, int level);

#endif
