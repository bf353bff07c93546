/* The merges of a stage: every worker on its own vertices, then the first one on all the rest. */
#ifndef MERGE_STAGE_H
#define MERGE_STAGE_H

#include "worker_pool.h"

/* The first stage that has edges: the best edge of every pixel. */
int merge_find_grid_best_edges(worker_pool *pool);

/* Merges all that reaches the threshold; rows of it stand behind those of g->merges. */
int merge_stage(worker_pool *pool, weight_bits threshold);

#endif
