/* From the merges of a stage, in any order, to the caller's history. */
#ifndef HISTORY_H
#define HISTORY_H

#include "graph.h"

/* The merges of a stage, those from "first" on, in greedy order. */
int merge_write_history(const graph *g, int32_t stage, uint64_t first, merge_output *output);

#endif
