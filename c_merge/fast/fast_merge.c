/* The fast merge, stage by stage; in a stage whatever may be merged in any order, in the order that
 * is quick. DESIGN.md says why that gives the greedy result.
 */
#include "../check_problem.h"
#include "history.h"
#include "merge_stage.h"
#include "pixel_edges.h"
#include "segments.h"
#include "stage_edges.h"
#include "vertex_order.h"

/* Nobody has edges of its own, so that nobody need be asked for. They are never written to. */
static const neighbourhood none = {.unused = NO_PLACE};

static int vertices_make(graph *g, uint64_t nobodies, arena *memory)
{
    g->vertices = arena_take_array(memory, g->count + nobodies, sizeof *g->vertices);
    g->merges = arena_take_array(memory, (uint64_t)g->count + 1, sizeof *g->merges);
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
    g->blocker = arena_take_array(memory, (uint64_t)g->count + 1, sizeof *g->blocker);
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
static int begin_stage(team *crew, int32_t stage, arena *memory)
{
    graph *g = crew->graph;
    if (!has_edges(g->problem, stage))
        return MERGE_OK;
    if (g->problem->is_grid && !g->has_first) {
        g->has_first = 1;
        int status = pixel_neighbours_make(g, memory, stage);
        return status == MERGE_OK ? team_find_first_best(crew) : status;
    }
    return stage_edges_add(crew, stage);
}

static int run_stages(team *crew, arena *memory, merge_output *output)
{
    graph *g = crew->graph;
    int status = MERGE_OK;
    for (int32_t stage = 0; stage < g->problem->num_stages && status == MERGE_OK; stage++) {
        uint64_t first = g->num_merges;
        status = begin_stage(crew, stage, memory);
        if (status == MERGE_OK)
            status = team_merge(crew, bits_of(g->problem->thresholds[stage]));
        if (status == MERGE_OK)
            status = history_write(g, stage, first, output);
    }
    return status;
}

static int merge_with(arena *memory, const merge_problem *problem, int32_t threads,
                      merge_output *output)
{
    graph g = {.problem = problem};
    team crew = {0};
    int status = order_make(&g, memory);
    if (status == MERGE_OK && g.count > output->room)
        status = MERGE_BAD_ARGUMENT;
    if (status == MERGE_OK)
        status = vertices_make(&g, (uint64_t)threads + 1, memory);
    if (status == MERGE_OK)
        status = team_make(&crew, &g, threads, memory);
    if (status == MERGE_OK)
        status = run_stages(&crew, memory, output);
    if (status == MERGE_OK) {
        output->num_merges = (int64_t)g.num_merges;
        status = segments_write(&crew, output);
    }
    team_release(&crew);
    return status;
}

int fast_merge(const merge_problem *problem, int32_t threads, merge_output *output)
{
    int status = check_problem(problem);
    if (status != MERGE_OK || threads < 1)
        return status != MERGE_OK ? status : MERGE_BAD_ARGUMENT;
    arena memory = {0};
    status = merge_with(&memory, problem, threads, output);
    arena_release(&memory);
    return status;
}
