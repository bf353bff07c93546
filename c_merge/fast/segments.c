#include "segments.h"

#include "../check_problem.h"
#include "background.h"
#include "runs.h"

static uint32_t vertex_of_pixel(const graph *g, uint64_t pixel)
{
    return g->number ? g->number[pixel] : (uint32_t)pixel;
}

/* Numbers the segments from 0 in raster order of their first vertices; writes their sizes.
 * Afterwards, the parent of a vertex is the number of its segment. Returns a merge_status. */
static int number_segments(graph *g, merge_output *output)
{
    uint64_t pixels = (uint64_t)num_vertices_of(g->problem);
    vertex_state *all = g->vertices;
    int64_t count = 0;
    for (uint32_t v = 0; v < g->count; v++) {
        if (must_stop_at(g->problem, v))
            return MERGE_STOPPED;
        all[v].mark = NO_VERTEX;
        if (find_root(g, v, &all[v].name) != MERGE_OK)
            return MERGE_STOPPED;
    }
    for (uint64_t part = 0, end; part < pixels; part = end) {
        end = end_of_part(part, pixels);
        if (must_stop(g->problem))
            return MERGE_STOPPED;
        for (uint64_t p = part; p < end; p++) {
            uint32_t vertex = vertex_of_pixel(g, p);
            if (vertex == NO_VERTEX) {
                p = end_of_background(g->number, p, end) - 1;
                continue;
            }
            uint32_t root = all[vertex].name;
            if (all[root].mark == NO_VERTEX) {
                output->sizes[count] = 0;
                all[root].mark = (uint32_t)count++;
            }
            all[vertex].parent = all[root].mark;
            output->sizes[all[root].mark]++;
        }
    }
    output->num_segments = count;
    return MERGE_OK;
}

/* Writes the labels over the numbers of the vertices, which lie in the same memory. Returns a
 * merge_status. */
static int write_labels(const graph *g, int32_t *labels)
{
    uint64_t pixels = (uint64_t)num_vertices_of(g->problem);
    for (uint64_t part = 0, end; part < pixels; part = end) {
        end = end_of_part(part, pixels);
        if (must_stop(g->problem))
            return MERGE_STOPPED;
        for (uint64_t p = part; p < end; p++) {
            uint32_t vertex = vertex_of_pixel(g, p);
            if (vertex != NO_VERTEX) {
                labels[p] = (int32_t)g->vertices[vertex].parent + 1;
                continue;
            }
            uint64_t next = end_of_background(g->number, p, end);
            memset(labels + p, 0, (next - p) * sizeof *labels);
            p = next - 1;
        }
    }
    return MERGE_OK;
}

/* A meeting_visitor: adds the pixel edges of a meeting to the sum of its segment. */
static int add_meeting_to_sum(void *context, const run_meeting *meeting)
{
    wide_sum *sum = (wide_sum *)context + meeting->u;
    sum->total += total_affinity(meeting->affinities, meeting->length);
    sum->count += meeting->length;
    return MERGE_OK;
}

/* The sums of the pixel edges inside the segments. Each worker adds up its share of the edges. */
typedef struct {
    run_list runs;     /* the runs of a grid */
    wide_sum *sums;    /* for each worker, an array with the sum of each segment */
    uint64_t segments; /* the number of segments */
} inner_sums;

/* Adds the explicit edges first..end - 1 to the sums of their segments. */
static int sum_listed_edges(const graph *g, int64_t first, int64_t end, wide_sum *sums)
{
    for (int64_t k = first; k < end; k++) {
        const int64_t *ends = g->problem->offsets_or_ends + 2 * k;
        if (must_stop_at(g->problem, (uint64_t)k))
            return MERGE_STOPPED;
        if (g->vertices[ends[0]].parent == g->vertices[ends[1]].parent) {
            wide_sum *sum = &sums[g->vertices[ends[0]].parent];
            const int64_t *listed = g->problem->sums ? g->problem->sums + 2 * k : NULL;
            sum->total += listed ? (uint64_t)listed[0] : g->problem->affinities[k];
            sum->count += listed ? (uint64_t)listed[1] : 1;
        }
    }
    return MERGE_OK;
}

/* A worker_task: adds up the worker's share of the pixel edges. */
static int sum_worker_share(worker_pool *pool, worker *me, void *context)
{
    const inner_sums *all = context;
    const merge_problem *problem = pool->graph->problem;
    int64_t at = me - pool->workers;
    wide_sum *sums = all->sums + (uint64_t)at * all->segments;
    memset(sums, 0, all->segments * sizeof *sums);
    if (!problem->is_grid)
        return sum_listed_edges(pool->graph, problem->num_channels * at / pool->count,
                                problem->num_channels * (at + 1) / pool->count, sums);
    run_walk walk = {ALL_STAGES, 1, 0, 0};
    rows_of_worker(pool, me, &walk.first_row, &walk.end_row);
    return merge_visit_meetings(&all->runs, problem, &walk, add_meeting_to_sum, sums);
}

static int write_confidences(worker_pool *pool, arena *scratch, merge_output *output)
{
    uint64_t segments = (uint64_t)output->num_segments;
    inner_sums all = {.segments = segments};
    int status = MERGE_OK;
    all.sums = merge_arena_take_array(scratch, segments * (uint64_t)pool->count, sizeof *all.sums);
    if (!all.sums)
        return MERGE_OUT_OF_MEMORY;
    if (pool->graph->problem->is_grid)
        status = merge_runs_make(&all.runs, pool->graph, scratch);
    if (status == MERGE_OK)
        status = merge_worker_pool_run(pool, pool->count, sum_worker_share, &all);
    for (uint64_t s = 0; status == MERGE_OK && s < segments; s++) {
        if (must_stop_at(pool->graph->problem, s))
            return MERGE_STOPPED;
        wide_sum sum = all.sums[s];
        for (uint64_t share = 1; share < (uint64_t)pool->count; share++) {
            sum.total += all.sums[share * segments + s].total;
            sum.count += all.sums[share * segments + s].count;
        }
        output->confidences[s] =
            sum.count == 0 ? 0.0 : (double)sum.total / (double)(65535 * sum.count);
    }
    return status;
}

int merge_fast_write_segments(worker_pool *pool, merge_output *output)
{
    arena scratch = {0};
    int status = number_segments(pool->graph, output);
    if (status == MERGE_OK)
        status = write_confidences(pool, &scratch, output);
    if (status == MERGE_OK)
        status = write_labels(pool->graph, output->labels);
    merge_arena_release(&scratch);
    return status;
}
