/* The fast merge: stage by stage, what may be merged in any order in the order that is quick. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "loops.h"
#include "order.h"
#include "outcome.h"
#include "pixels.h"
#include "stage.h"
#include "worklist.h"

static int graph_make(graph *g, const merge_problem *problem, arena *arena)
{
    *g = (graph){.problem = problem};
    if (order_make(g, arena) != MERGE_OK)
        return MERGE_OUT_OF_MEMORY;
    uint64_t room = (uint64_t)g->count + 1;
    g->vertices = arena_take_array(arena, room, sizeof *g->vertices);
    g->merges = arena_take_array(arena, room, sizeof *g->merges);
    if (arena->failed)
        return MERGE_OUT_OF_MEMORY;
    for (uint32_t v = 0; v < g->count; v++)
        g->vertices[v] = (vertex_state){.best = {UNKNOWN, NO_VERTEX},
                                        .name = g->pixel ? g->pixel[v] : v,
                                        .parent = v,
                                        .place = NO_PLACE};
    if (problem->linkage == LINKAGE_WEIGHTED) {
        g->blocker = arena_take_array(arena, room, sizeof *g->blocker);
        if (!g->blocker)
            return MERGE_OUT_OF_MEMORY;
        memset(g->blocker, 0xff, room * sizeof *g->blocker); /* NO_VERTEX */
    }
    /* Nobody has edges of its own, so that nobody need be asked for. */
    static const neighbourhood none;
    g->vertices[g->count] = (vertex_state){.edges = (neighbourhood *)&none,
                                           .best = {ABSENT, g->count},
                                           .parent = g->count,
                                           .place = NO_PLACE};
    return MERGE_OK;
}

static void seed(worker *me, uint32_t vertex)
{
    const graph *g = me->graph;
    best_edge mine = g->vertices[vertex].best;
    if (mine.weight < me->threshold)
        return;
    if (!(mine.to & DOUBTFUL)) {
        uint32_t theirs = g->vertices[mine.to].best.to;
        if (!(theirs & DOUBTFUL) && theirs != vertex)
            return;
    }
    push(me, vertex);
}

static int sweep_tiles(worker *me, drain_function drain)
{
    const graph *g = me->graph;
    for (uint64_t i = me->first_tile; i < me->end_tile; i++) {
        for (uint32_t v = g->tiles[i + 1].first; v-- > g->tiles[i].first;)
            seed(me, v);
        int status = drain(me);
        if (status != MERGE_OK)
            return status;
    }
    return MERGE_OK;
}

/* Until no vertex has an edge that reaches the threshold. What ties have hidden, the next sweep
 * finds. */
static int sweep(worker *me, drain_function drain)
{
    const graph *g = me->graph;
    for (;;) {
        for (uint32_t v = g->count; v-- > 0;)
            if (g->vertices[v].best.weight >= me->threshold)
                push(me, v);
        if (me->height == 0)
            return MERGE_OK;
        int status = drain(me);
        if (status != MERGE_OK)
            return status;
    }
}

static int run_stage(worker *me, int32_t stage, merge_output *output)
{
    graph *g = me->graph;
    drain_function drain = drain_for(g->problem->linkage);
    me->threshold = bits_of(g->problem->thresholds[stage]);
    me->marked = NO_VERTEX;
    me->alone = 1;
    uint64_t first = g->num_merges;
    me->merges = g->merges + first;
    me->first_tile = 0;
    me->end_tile = g->num_tiles;
    int status = sweep_tiles(me, drain);
    if (status == MERGE_OK)
        status = sweep(me, drain);
    if (status != MERGE_OK)
        return status;
    g->num_merges = (uint64_t)(me->merges - g->merges);
    arena scratch = {0};
    status = history_write(g, &scratch, stage, first, output);
    arena_release(&scratch);
    return status;
}

static int has_edges(const merge_problem *problem, int32_t stage)
{
    for (int64_t k = 0; k < problem->num_channels; k++)
        if (problem->stages[k] == stage)
            return 1;
    return 0;
}
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
static double now(void){struct timespec t;clock_gettime(CLOCK_MONOTONIC,&t);return t.tv_sec+1e-9*t.tv_nsec;}
static int run_stages(worker *me, merge_output *output)
{
    graph *g = me->graph;
    int status = MERGE_OK;
    for (int32_t stage = 0; stage < g->problem->num_stages && status == MERGE_OK; stage++) {
        double t0=now();
        if (has_edges(g->problem, stage)) {
            if (g->problem->is_grid && g->num_pixel_neighbours == 0) {
                status = pixel_neighbours_make(g, &me->arena, stage);
                arena scratch = {0};
                g->near = arena_take_array(&me->arena, (uint64_t)g->count * g->num_pixel_neighbours / 2 + 1, 2);
                if (status == MERGE_OK) status = find_first_best_avx2(g, &scratch);
                arena_release(&scratch);
            } else {
                arena scratch = {0};
                status = stage_edges_add(me, &scratch, stage);
                arena_release(&scratch);
            }
        }
        double t1=now();
        if (status == MERGE_OK)
            status = run_stage(me, stage, output);
        if (getenv("T")) fprintf(stderr,"stage %d: add %.1f ms, run %.1f ms, merges %lu\n",stage,1e3*(t1-t0),1e3*(now()-t1),g->num_merges);
    }
    return status;
}

int fast_merge(const merge_problem *problem, int32_t threads, merge_output *output)
{
    (void)threads;
    graph g;
    worker me = {.graph = &g};
    double t0=now();
    int status = graph_make(&g, problem, &me.arena);
    if (status == MERGE_OK) {
        me.room = 2 * ((uint64_t)g.count + 1);
        me.worklist = arena_take_array(&me.arena, me.room, sizeof *me.worklist);
        status = me.worklist ? MERGE_OK : MERGE_OUT_OF_MEMORY;
    }
    double t1=now();
    if (status == MERGE_OK)
        status = run_stages(&me, output);
    double t2=now();
    if (status == MERGE_OK) {
        arena scratch = {0};
        output->num_merges = (int64_t)g.num_merges;
        status = segments_write(&g, &scratch, output);
        arena_release(&scratch);
    }
    if (getenv("T")) fprintf(stderr,"make %.1f, stages %.1f, out %.1f\n",1e3*(t1-t0),1e3*(t2-t1),1e3*(now()-t2));
    arena_release(&me.arena);
    return status;
}
