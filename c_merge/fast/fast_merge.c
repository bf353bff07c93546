/* The fast merge, stage by stage. Within a stage, pairs are merged in an order that is quick, as
 * far as the order does not matter. DESIGN.md says why that gives the greedy result.
 */
#include "../check_problem.h"
#include "background.h"
#include "history.h"
#include "inert_pixels.h"
#include "merge_stage.h"
#include "pixel_edges.h"
#include "segments.h"
#include "stage_edges.h"
#include "vertex_order.h"

/* The neighbourhood of all sentinels, so that they can be read like vertices. Nothing writes to it.
 */
static const neighbourhood no_edges = {.unused = NO_SLOT};

static int make_vertices(graph *g, uint64_t num_sentinels, arena *memory)
{
    g->vertices = merge_arena_take_array(memory, g->count + num_sentinels, sizeof *g->vertices);
    if (!g->vertices)
        return MERGE_OUT_OF_MEMORY;
    uint64_t pixels = (uint64_t)num_vertices_of(g->problem);
    for (uint64_t part = 0, end; part < pixels; part = end) {
        end = end_of_part(part, pixels);
        if (must_stop(g->problem))
            return MERGE_STOPPED;
        for (uint64_t p = part; p < end; p++) {
            uint32_t v = g->number ? g->number[p] : (uint32_t)p;
            if (v == NO_VERTEX) {
                p = end_of_background(g->number, p, end) - 1;
                continue;
            }
            g->vertices[v] = (vertex_state){.best = {NO_WEIGHT, g->count},
                                            .name = (uint32_t)p,
                                            .parent = v,
                                            .worklist_index = NOT_LISTED};
        }
    }
    for (uint64_t v = g->count; v < g->count + num_sentinels; v++)
        g->vertices[v] = (vertex_state){.edges = (neighbourhood *)&no_edges,
                                        .best = {NO_WEIGHT, g->count},
                                        .parent = (uint32_t)v,
                                        .worklist_index = NOT_LISTED};
    return MERGE_OK;
}

/* Places arrays in the part of the result that is written at the end: two numbers for each vertex
 * in the confidences, and a worklist for the first worker in the sizes. */
static void use_memory_of_result(graph *g, worker *first, const merge_output *output)
{
    g->next_in_bucket = (uint32_t *)output->confidences;
    if (!order_is_free(g->linkage)) {
        g->blocker = g->next_in_bucket + g->count;
        memset(g->blocker, 0xff, g->count * sizeof *g->blocker); /* NO_VERTEX */
    }
    first->worklist = (uint32_t *)output->sizes;
    first->worklist_room = 2 * (uint64_t)g->count;
}

static int stage_has_edges(const merge_problem *problem, int32_t stage)
{
    if (!problem->is_grid)
        return merge_first_edge_of_stage(problem, stage) <
               merge_first_edge_of_stage(problem, stage + 1);
    for (int64_t k = 0; k < problem->num_channels; k++)
        if (problem->stages[k] == stage)
            return 1;
    return 0;
}

static int later_stage_has_edges(const merge_problem *problem, int32_t stage)
{
    for (int32_t later = stage + 1; later < problem->num_stages; later++)
        if (stage_has_edges(problem, later))
            return 1;
    return 0;
}

/* Prepares the first stage that has edges in a grid. */
static int begin_grid(worker_pool *pool, int32_t stage, arena *memory)
{
    graph *g = pool->graph;
    g->first_stage_has_begun = 1;
    int status = merge_pixel_neighbours_make(g, memory, stage);
    if (status == MERGE_OK)
        status = merge_find_grid_best_edges(pool);
    if (status == MERGE_OK && !later_stage_has_edges(g->problem, stage))
        status = merge_leave_out_inert_pixels(g, stage);
    return status;
}

/* Adds the edges of a stage to the graph. The first edges of a grid are read later, pixel by pixel.
 */
static int begin_stage(worker_pool *pool, int32_t stage, arena *memory)
{
    graph *g = pool->graph;
    if (!stage_has_edges(g->problem, stage))
        return MERGE_OK;
    if (g->problem->is_grid && !g->first_stage_has_begun)
        return begin_grid(pool, stage, memory);
    return merge_add_stage_edges(pool, stage);
}

static int run_stages(worker_pool *pool, arena *memory, merge_output *output)
{
    graph *g = pool->graph;
    int status = MERGE_OK;
    for (int32_t stage = 0; stage < g->problem->num_stages && status == MERGE_OK; stage++) {
        uint64_t first = g->num_merges;
        status = begin_stage(pool, stage, memory);
        g->merges = merge_rows_of_next_stage(g, output);
        if (status == MERGE_OK)
            status = merge_stage(pool, bits_of(g->problem->thresholds[stage]));
        if (status == MERGE_OK)
            status = merge_write_history(g, stage, first, output);
    }
    return status == MERGE_OK ? merge_put_back_inert_pixels(g) : status;
}

static int run_merge(arena *memory, const merge_problem *problem, int32_t threads,
                     merge_output *output)
{
    graph g = {.problem = problem,
               .linkage = (merge_linkage)problem->linkage,
               .wide_sums = {.lock = PTHREAD_MUTEX_INITIALIZER}};
    worker_pool pool = {0};
    int status = merge_order_vertices(&g, memory, output);
    if (status == MERGE_OK && g.count > output->capacity)
        status = MERGE_BAD_ARGUMENT;
    if (status == MERGE_OK)
        status = make_vertices(&g, (uint64_t)threads + 1, memory);
    if (status == MERGE_OK)
        status = merge_worker_pool_make(&pool, &g, threads, memory);
    if (status == MERGE_OK) {
        use_memory_of_result(&g, &pool.workers[0], output);
        status = run_stages(&pool, memory, output);
    }
    if (status == MERGE_OK) {
        output->num_merges = (int64_t)g.num_merges;
        merge_worker_pool_release(&pool); /* the edges are not needed any more */
        status = merge_fast_write_segments(&pool, output);
    }
    merge_worker_pool_release(&pool);
    merge_arena_release(&g.wide_sums.memory);
    return status;
}

int merge_fast(const merge_problem *problem, int32_t threads, merge_output *output)
{
    int status = merge_check_problem(problem);
    if (status != MERGE_OK || threads < 1)
        return status != MERGE_OK ? status : MERGE_BAD_ARGUMENT;
    arena memory = {0};
    status = run_merge(&memory, problem, threads, output);
    merge_arena_release(&memory);
    return status;
}
