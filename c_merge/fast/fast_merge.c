/* The fast merge, stage by stage; in a stage whatever may be merged in any order, in the order that is
 * quick. DESIGN.md says why that gives the greedy result.
 */
#include "../check_problem.h"
#include "order.h"
#include "outcome.h"
#include "pixels.h"
#include "stage.h"
#include "workers.h"

/* Nobody has edges of its own, so that nobody need be asked for. They are never written to. */
static const neighbourhood none = {.unused = NO_PLACE};

static int vertices_make(graph *g, uint64_t nobodies, arena *arena)
{
    g->vertices = arena_take_array(arena, g->count + nobodies, sizeof *g->vertices);
    g->merges = arena_take_array(arena, (uint64_t)g->count + 1, sizeof *g->merges);
    if (!g->vertices || !g->merges)
        return MERGE_OUT_OF_MEMORY;
    for (uint32_t v = 0; v < g->count; v++)
        g->vertices[v] = (vertex_state){.best = {ABSENT, g->count},
                                        .name = g->pixel ? g->pixel[v] : v,
                                        .parent = v,
                                        .place = NO_PLACE};
    for (uint64_t v = g->count; v < g->count + nobodies; v++)
        g->vertices[v] = (vertex_state){.edges = (neighbourhood *)&none,
                                        .best = {ABSENT, g->count},
                                        .parent = (uint32_t)v,
                                        .place = NO_PLACE};
    if (g->problem->linkage == LINKAGE_AVERAGE)
        return MERGE_OK;
    g->blocker = arena_take_array(arena, (uint64_t)g->count + 1, sizeof *g->blocker);
    if (!g->blocker)
        return MERGE_OUT_OF_MEMORY;
    memset(g->blocker, 0xff, g->count * sizeof *g->blocker); /* NO_VERTEX */
    return MERGE_OK;
}

static int has_edges(const merge_problem *problem, int32_t stage)
{
    for (int64_t k = 0; k < problem->num_channels; k++)
        if (problem->stages[k] == stage)
            return 1;
    return 0;
}

/* The edges that a stage begins with. Those of the first one stay in the grid. */
static int begin_stage(team *team, int32_t stage, arena *arena)
{
    graph *g = team->graph;
    if (!has_edges(g->problem, stage))
        return MERGE_OK;
    if (g->problem->is_grid && !g->has_first) {
        g->has_first = 1;
        int status = pixel_neighbours_make(g, arena, stage);
        return status == MERGE_OK ? team_find_first_best(team) : status;
    }
    return stage_edges_add(&team->workers[0], stage);
}

static int run_stages(team *team, arena *arena, merge_output *output)
{
    graph *g = team->graph;
    int status = MERGE_OK;
    for (int32_t stage = 0; stage < g->problem->num_stages && status == MERGE_OK; stage++) {
        uint64_t first = g->num_merges;
        status = begin_stage(team, stage, arena);
        if (status == MERGE_OK)
            status = team_merge(team, bits_of(g->problem->thresholds[stage]));
        if (status == MERGE_OK)
            status = history_write(g, stage, first, output);
    }
    return status;
}

static int merge_with(arena *arena, const merge_problem *problem, int32_t threads,
                      merge_output *output)
{
    graph g = {.problem = problem};
    team team = {0};
    int status = order_make(&g, arena);
    if (status == MERGE_OK && g.count > output->room)
        status = MERGE_BAD_ARGUMENT;
    if (status == MERGE_OK)
        status = vertices_make(&g, (uint64_t)threads + 1, arena);
    if (status == MERGE_OK)
        status = team_make(&team, &g, threads, arena);
    if (status == MERGE_OK)
        status = run_stages(&team, arena, output);
    if (status == MERGE_OK) {
        output->num_merges = (int64_t)g.num_merges;
        status = segments_write(&g, output);
    }
    team_release(&team);
    return status;
}

int fast_merge(const merge_problem *problem, int32_t threads, merge_output *output)
{
    int status = check_problem(problem);
    if (status != MERGE_OK || threads < 1)
        return status != MERGE_OK ? status : MERGE_BAD_ARGUMENT;
    arena arena = {0};
    status = merge_with(&arena, problem, threads, output);
    arena_release(&arena);
    return status;
}
