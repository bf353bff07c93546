/* From the graph to the caller's labels, sizes, confidences and history. */
#ifndef OUTCOME_H
#define OUTCOME_H

#include "workers.h"

/* The merges of a stage, those from "first" on, in greedy order. */
int history_write(const graph *g, int32_t stage, uint64_t first, merge_output *output);

/* Labels, sizes and confidences. The graph is of no use afterwards. */
int segments_write(team *crew, merge_output *output);

#endif
