/* Several workers, each with a range of tiles of its own.
 *
 * A vertex that has an edge to another worker's vertex is at the border, and nobody touches it
 * while several are at work. So no worker reads or writes what another one changes, and what is
 * merged is what one worker alone would have merged. What has to wait for the border is merged
 * afterwards, by the first worker alone.
 */
#ifndef WORKER_POOL_H
#define WORKER_POOL_H

#include "loop_variants.h"

typedef struct {
    graph *graph;
    worker *workers;
    int32_t count;
    loops loops;
} team;

/* As many workers as there are threads, or fewer if there is little to do. */
int team_make(team *crew, graph *g, int32_t threads, arena *memory);
void team_release(team *crew);

/* What one worker does; returns a merge_status. */
typedef int (*team_part)(team *crew, worker *me, void *context);

/* Lets every worker do its part, each on a thread; one that cannot have one waits for its turn.
 * Returns the first status that is not MERGE_OK. */
int team_run(team *crew, team_part part, void *context);

/* A worker's share of the grid's rows. */
static inline void rows_of_worker(const team *crew, const worker *me, int64_t *first, int64_t *end)
{
    const int64_t *shape = crew->graph->problem->shape;
    int64_t rows = shape[0] * shape[1], at = me - crew->workers;
    *first = rows * at / crew->count;
    *end = rows * (at + 1) / crew->count;
}

#endif
