/* Makes the merges of a stage. In rounds, workers merge inside their own ranges of vertices; each
 * round has half as many workers with wider ranges. Then one worker merges the rest. */
#ifndef MERGE_STAGE_H
#define MERGE_STAGE_H

#include "worker_pool.h"

/* Sets the best edge of every pixel, in the first stage that has edges. */
int merge_find_grid_best_edges(worker_pool *pool);

/* Merges until no edge reaches the threshold, and writes the merges to g->merges and
 * adds their number to g->num_merges. */
int merge_stage(worker_pool *pool, weight_bits threshold);

#endif
