/* Writes the merges of a stage to the history of the result. */
#ifndef HISTORY_H
#define HISTORY_H

#include "graph.h"

/* The memory for the merges of the next stage: the part of output->history behind the rows of the
 * stages before. It has room for the merges twice, because a merge_row is half as long as a row of
 * the history. */
merge_row *merge_rows_of_next_stage(const graph *g, const merge_output *output);

/* Writes the merges of a stage, which lie in g->merges, to output->history in the greedy order.
 * "first" is the number of merges of the stages before. Returns a merge_status. */
int merge_write_history(const graph *g, int32_t stage, uint64_t first, merge_output *output);

#endif
