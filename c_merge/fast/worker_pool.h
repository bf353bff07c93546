/* The worker pool: each worker is a thread that merges the vertices in its range of tiles.
 *
 * A vertex is at the border if it has an edge to a vertex of another worker. While several workers
 * run, no worker merges a vertex at the border. So no worker reads or writes data that another one
 * changes. In the next round the ranges are joined in pairs, and half as many workers merge pairs
 * at former borders. At the end the first worker merges the remaining pairs alone.
 */
#ifndef WORKER_POOL_H
#define WORKER_POOL_H

#include "loop_variants.h"

typedef struct {
    graph *graph;
    worker *workers;
    int32_t count;
    int32_t ranges; /* the number of workers that have a range of tiles in the present round */
    compiled_loops loops;
} worker_pool;

/* Makes one worker for each thread, but not more workers than tiles. Returns a merge_status. */
int merge_worker_pool_make(worker_pool *pool, graph *g, int32_t threads, arena *memory);

/* Releases the arenas of all workers. */
void merge_worker_pool_release(worker_pool *pool);

/* A function that one worker runs. It returns a merge_status. */
typedef int (*worker_task)(worker_pool *pool, worker *me, void *context);

/* Runs the task once for each of the first "count" workers, each time on its own thread. If a
 * thread cannot be created, the task runs on the caller's thread. Returns the first status that is
 * not MERGE_OK. */
int merge_worker_pool_run(worker_pool *pool, int32_t count, worker_task task, void *context);

/* Gives every worker a range of tiles with about the same number of vertices. */
void merge_worker_pool_divide(worker_pool *pool);

/* Joins every two ranges, the first with the second and so on, and gives them to half as many
 * workers. */
void merge_worker_pool_join_ranges(worker_pool *pool);

/* Sets the range of the grid's rows, *first to *end - 1, that is the share of a worker. */
static inline void rows_of_worker(const worker_pool *pool, const worker *me, int64_t *first,
                                  int64_t *end)
{
    const int64_t *shape = pool->graph->problem->shape;
    int64_t rows = shape[0] * shape[1], at = me - pool->workers;
    *first = rows * at / pool->count;
    *end = rows * (at + 1) / pool->count;
}

#endif
