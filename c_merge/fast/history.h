/* Writes the merges of a stage to the caller's history. */
#ifndef HISTORY_H
#define HISTORY_H

#include "graph.h"

/* Sorts the merges of a stage, those from index "first" on, into greedy order and writes them to
 * output->history. */
int merge_write_history(const graph *g, int32_t stage, uint64_t first, merge_output *output);

#endif
