/* The worker pool: threads, each with a range of tiles of its own.
 *
 * A vertex that has an edge to another worker's vertex is at the border, and no worker merges it
 * while several run. So no worker reads or writes what another one changes. Afterwards the first
 * worker alone merges the remaining pairs.
 */
#ifndef WORKER_POOL_H
#define WORKER_POOL_H

#include "loop_variants.h"

typedef struct {
    graph *graph;
    worker *workers;
    int32_t count;
    compiled_loops loops;
} worker_pool;

/* As many workers as threads, but no more than tiles. */
int merge_worker_pool_make(worker_pool *pool, graph *g, int32_t threads, arena *memory);
void merge_worker_pool_release(worker_pool *pool);

/* What one worker does; returns a merge_status. */
typedef int (*worker_task)(worker_pool *pool, worker *me, void *context);

/* Runs the task of every worker, each on a thread; where no thread can be created, on the caller's.
 * Returns the first status that is not MERGE_OK. */
int merge_worker_pool_run(worker_pool *pool, worker_task task, void *context);

/* A worker's share of the grid's rows. */
static inline void rows_of_worker(const worker_pool *pool, const worker *me, int64_t *first,
                                  int64_t *end)
{
    const int64_t *shape = pool->graph->problem->shape;
    int64_t rows = shape[0] * shape[1], at = me - pool->workers;
    *first = rows * at / pool->count;
    *end = rows * (at + 1) / pool->count;
}

#endif
