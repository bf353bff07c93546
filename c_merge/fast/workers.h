/* Several workers, each with a range of tiles of its own.
 *
 * A vertex that has an edge to another worker's vertex is at the border, and nobody touches it while
 * several are at work. So no worker reads or writes what another one changes, and what is merged is
 * what one worker alone would have merged. What has to wait for the border is merged afterwards, by the
 * first worker alone.
 */
#ifndef WORKERS_H
#define WORKERS_H

#include "loops.h"

typedef struct {
    graph *graph;
    worker *workers;
    int32_t count;
    loops loops;
} team;

/* As many workers as there are threads, or fewer if there is little to do. */
int team_make(team *team, graph *graph, int32_t threads, arena *arena);
void team_release(team *team);

/* Lets every worker do its part, each on a thread; one that cannot have one waits for its turn. Returns
 * the first status that is not MERGE_OK. */
int team_run(team *team, int (*part)(worker *me, const loops *loops));

/* The first stage that has edges: the best edge of every pixel. */
int team_find_first_best(team *team);

/* Merges all that reaches the threshold; rows of it stand behind those of graph->merges. */
int team_merge(team *team, weight_bits threshold);

#endif
