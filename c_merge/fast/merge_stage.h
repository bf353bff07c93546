/* The merges of a stage: by every worker on its own vertices, then by the first one on all. */
#ifndef MERGE_STAGE_H
#define MERGE_STAGE_H

#include "worker_pool.h"

/* Sets the best edge of every pixel, in the first stage that has edges. */
int merge_find_grid_best_edges(worker_pool *pool);

/* Merges until no edge reaches the threshold; appends to g->merges. */
int merge_stage(worker_pool *pool, weight_bits threshold);

#endif
