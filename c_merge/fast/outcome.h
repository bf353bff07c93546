/* From the graph to the caller's labels, sizes, confidences and history. */
#ifndef OUTCOME_H
#define OUTCOME_H

#include "graph.h"

int history_write(const graph *graph, arena *scratch, int32_t stage, uint64_t first,
                  merge_output *output);
int segments_write(graph *graph, arena *scratch, merge_output *output);

#endif
