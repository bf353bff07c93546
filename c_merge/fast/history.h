/* Writes the merges of a stage to the history of the result. */
#ifndef HISTORY_H
#define HISTORY_H

#include "graph.h"

/* Writes the merges of a stage, which are g->merges from index "first" on, to output->history in
 * the greedy order. Returns a merge_status. */
int merge_write_history(const graph *g, int32_t stage, uint64_t first, merge_output *output);

#endif
