/* changed_affinities COUNT LONGEST: merges COUNT random grids whose affinities change during the
 * merge, after the best edges of the pixels were found and later.
 *
 * The merge must end, and access no memory outside its arrays, which the address sanitizer checks.
 * The linker replaces merge_find_grid_best_edges by a function that draws new affinities afterwards
 * (see the Makefile), so that the best edges of many pixels are wrong, and merge_pixel_edges_make
 * by one that draws new affinities before.
 */
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "fast/merge_stage.h"
#include "results.h"

static uint64_t state = 1; /* of the random affinities */

int __real_merge_find_grid_best_edges(worker_pool *pool);
int __wrap_merge_find_grid_best_edges(worker_pool *pool);
int __real_merge_pixel_edges_make(worker *me, uint32_t vertex, uint32_t room,
                                  merge_linkage linkage);
int __wrap_merge_pixel_edges_make(worker *me, uint32_t vertex, uint32_t room,
                                  merge_linkage linkage);

static void draw(uint16_t *affinities, uint64_t count)
{
    for (uint64_t i = 0; i < count; i++) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        affinities[i] = (uint16_t)(state >> 48);
    }
}

/* Draws the affinities anew that pixel_edges.c will read: the copy, or those of the problem. */
static void draw_all(const graph *g)
{
    const int64_t *shape = g->problem->shape;
    if (g->forward_affinities)
        draw(g->forward_affinities, (uint64_t)g->count * (g->num_pixel_neighbours / 2));
    else
        draw((uint16_t *)g->problem->affinities,
             (uint64_t)(g->problem->num_channels * shape[0] * shape[1] * shape[2]));
}

int __wrap_merge_find_grid_best_edges(worker_pool *pool)
{
    int status = __real_merge_find_grid_best_edges(pool);
    if (status == MERGE_OK)
        draw_all(pool->graph);
    return status;
}

/* The affinities of small problems change again before the edges of each pixel are read, so that
 * the two ends of an edge may get different weights. */
int __wrap_merge_pixel_edges_make(worker *me, uint32_t vertex, uint32_t room, merge_linkage linkage)
{
    if (me->alone && me->graph->count < 100)
        draw_all(me->graph);
    return __real_merge_pixel_edges_make(me, vertex, room, linkage);
}

static void end_by_alarm(int signal)
{
    (void)signal;
    static const char why[] = "a merge of changed affinities does not end\n";
    _exit(write(STDERR_FILENO, why, sizeof why - 1) >= 0 ? 1 : 2);
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        fprintf(stderr, "usage: %s COUNT LONGEST\n", argv[0]);
        return 2;
    }
    uint64_t count = strtoull(argv[1], NULL, 10), noticed = 0;
    signal(SIGALRM, end_by_alarm);
    for (uint64_t number = 0; number < count; number++) {
        alarm(60);
        byte_source source = {.state = (number + 1) * 0x9E3779B97F4A7C15u};
        merge_case made = case_make(&source, strtoll(argv[2], NULL, 10));
        merge_result result = result_make(&made);
        int status = merge_fast(&made.problem, made.threads, &result.output);
        noticed += status == MERGE_CHANGED;
        if (status != MERGE_OK && status != MERGE_CHANGED) {
            fprintf(stderr, "random problem %" PRIu64 ": status %d\n", number, status);
            return 1;
        }
        result_free(&result);
        case_free(&made);
    }
    printf("%" PRIu64 " merges of changed affinities ended, %" PRIu64 " with an error\n", count,
           noticed);
    return noticed == 0;
}
