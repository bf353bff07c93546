/* Writes labels, sizes and confidences of the segments, the super-vertices that remain at the end.
 */
#ifndef HEAP_SEGMENTS_H
#define HEAP_SEGMENTS_H

#include "super_graph.h"

int merge_heap_write_segments(super_graph *graph, const merge_problem *problem,
                              const vertex_map *map, merge_output *output);

#endif
