#include "merge_stage.h"

#include "check_graph.h"
#include "pixel_edges.h"
#include "worklist.h"

/* A test program defines it, to count the merges: of a round, in which "workers" workers ran at the
 * same time, and of the worker that made the most of them. */
#ifndef NOTE_ROUND
#define NOTE_ROUND(workers, merges, most) ((void)(merges), (void)(most))
#endif

static int find_best_edges_of_own_rows(worker_pool *pool, worker *me, void *context)
{
    (void)context;
    int64_t first, end;
    rows_of_worker(pool, me, &first, &end);
    return pool->loops.find_grid_best_edges(pool->graph, first, end, &me->arena);
}

int merge_find_grid_best_edges(worker_pool *pool)
{
    return merge_worker_pool_run(pool, pool->count, find_best_edges_of_own_rows, NULL);
}

/* Whether a vertex has an edge to a vertex of another worker. */
static int has_edge_to_other_worker(const worker *me, uint32_t vertex)
{
    const graph *g = me->graph;
    uint32_t first = g->tiles[me->first_tile].first, end = g->tiles[me->end_tile].first;
    const neighbourhood *edges = g->vertices[vertex].edges;
    if (!edges) /* a pixel whose edges were not read yet, or a vertex of a graph that has no edges
                 */
        return g->num_pixel_neighbours > 0 &&
               merge_pixel_has_neighbour_outside(g, vertex, first, end);
    merge_linkage linkage = g->linkage;
    for (uint32_t i = 0; i < edges->used; i++) {
        uint32_t to = half_edge_at(edges, i, linkage)->to;
        if (to < g->count && (to < first || to >= end))
            return 1;
    }
    return 0;
}

/* Puts a vertex on the worklist, unless its best neighbour has another best neighbour. Such a
 * vertex is put on the worklist later, by the merge that makes the two mutually best. */
static void push_candidate(worker *me, uint32_t vertex)
{
    const graph *g = me->graph;
    best_edge mine = g->vertices[vertex].best;
    if (mine.weight < me->threshold || must_not_merge_yet(me, vertex))
        return;
    if (!(mine.to & STALE)) {
        uint32_t theirs = g->vertices[mine.to].best.to;
        if (!(theirs & STALE) && theirs != vertex)
            return;
    }
    push(me, vertex);
}

static int sweep_tiles(worker *me, uint64_t first, uint64_t end, merging_loop drain_worklist)
{
    const graph *g = me->graph;
    int status = MERGE_OK;
    for (uint64_t i = first; i < end && status == MERGE_OK && me->patience >= 0; i++) {
        for (uint32_t v = g->tiles[i + 1].first; v-- > g->tiles[i].first;)
            push_candidate(me, v);
        status = must_stop(g->problem) ? MERGE_STOPPED : drain_worklist(me);
    }
    return status;
}

/* Prepares a vertex for a round: sets whether it is at the border of the worker's range.
 * "is_first_round": whether the range is that of the first round of a stage. In later rounds the
 * range contains the whole range of the round before, so a vertex that was not at the border is not
 * at the border now. */
static void prepare_vertex(worker *me, uint32_t vertex, int is_first_round)
{
    graph *g = me->graph;
    if (g->vertices[vertex].worklist_index == POSTPONED)
        g->vertices[vertex].worklist_index = NOT_LISTED;
    if (is_first_round && g->blocker) /* which may be in the range of another worker */
        g->blocker[vertex] = NO_VERTEX;
    if (is_first_round || g->at_border[vertex])
        g->at_border[vertex] = is_alive(g, vertex) && has_edge_to_other_worker(me, vertex);
}

/* A worker_task. Merges pairs inside the worker's own range of vertices. */
static int sweep_own_tiles(worker_pool *pool, worker *me, void *context)
{
    (void)context;
    const graph *g = me->graph;
    int is_first_round = pool->ranges == pool->count;
    for (uint32_t v = g->tiles[me->first_tile].first; v < g->tiles[me->end_tile].first; v++) {
        if (must_stop(g->problem))
            return MERGE_STOPPED;
        prepare_vertex(me, v, is_first_round);
    }
    return sweep_tiles(me, me->first_tile, me->end_tile, pool->loops.drain_worklist);
}

static void empty_worklist(worker *me)
{
    while (me->worklist_height > 0)
        me->graph->vertices[me->worklist[--me->worklist_height]].worklist_index = NOT_LISTED;
}

/* Moves the merges of all workers behind those of the first worker, which made the merges from
 * "before" on. */
static void collect_merges(worker_pool *pool, const merge_row *before)
{
    worker *first = &pool->workers[0];
    uint64_t most = (uint64_t)(first->next_merge - before);
    for (int32_t i = 1; i < pool->ranges; i++) {
        worker *other = &pool->workers[i];
        size_t rows = (size_t)(other->next_merge - other->merges);
        memcpy(first->next_merge, other->merges, rows * sizeof *other->merges);
        first->next_merge += rows;
        other->next_merge = other->merges;
        most = rows > most ? rows : most;
    }
    NOTE_ROUND(pool->ranges, (uint64_t)(first->next_merge - before), most);
}

/* Sets has_hubs of every worker if it is set for one of them: a hub that one worker made may be in
 * the range of another worker now. */
static void tell_all_workers_of_hubs(worker_pool *pool)
{
    int has_hubs = 0;
    for (int32_t i = 0; i < pool->count; i++)
        has_hubs |= pool->workers[i].has_hubs;
    for (int32_t i = 0; i < pool->count; i++)
        pool->workers[i].has_hubs = has_hubs;
}

/* A round: every worker merges inside its own range. Other ranges may follow, so nothing that a
 * worker remembers of its range is kept. */
static int sweep_in_parallel(worker_pool *pool)
{
    const merge_row *before = pool->workers[0].next_merge;
    tell_all_workers_of_hubs(pool);
    int status = merge_worker_pool_run(pool, pool->ranges, sweep_own_tiles, NULL);
    collect_merges(pool, before);
    for (int32_t i = 0; i < pool->ranges; i++) {
        empty_worklist(&pool->workers[i]);
        pool->workers[i].marked = NO_VERTEX;
    }
    return status;
}

/* Makes rounds as long as there are two ranges or more. There are no rounds if every pixel becomes
 * a hub when its edges are read: a hub is also stored in the tables of hubs beside it, and these
 * may be in the range of another worker. */
static int sweep_in_rounds(worker_pool *pool)
{
    int status = MERGE_OK;
    if (merge_neighbourhood_would_be_hub(pool->graph->num_pixel_neighbours))
        return MERGE_OK;
    merge_worker_pool_divide(pool);
    for (; pool->ranges > 1 && status == MERGE_OK; merge_worker_pool_join_ranges(pool))
        status = sweep_in_parallel(pool);
    return status;
}

int merge_stage(worker_pool *pool, weight_bits threshold)
{
    graph *g = pool->graph;
    worker *me = &pool->workers[0];
    me->next_merge = me->merges = g->merges;
    for (int32_t i = 0; i < pool->count; i++) {
        pool->workers[i].threshold = threshold;
        pool->workers[i].uses_worklist = 1;
        pool->workers[i].patience = MOST_PATIENCE / 16;
        pool->workers[i].marked = NO_VERTEX;
        pool->workers[i].alone = pool->count == 1;
        pool->workers[i].arena.keeps_large_pieces = pool->count > 1;
    }
    int status = sweep_in_rounds(pool);
    tell_all_workers_of_hubs(pool);
    me->alone = 1;
    me->arena.keeps_large_pieces = 0;
    const merge_row *first_of_rest = me->next_merge;
    if (status == MERGE_OK)
        status = sweep_tiles(me, 0, g->num_tiles, pool->loops.drain_worklist);
    if (status == MERGE_OK)
        status = pool->loops.merge_by_rank(me);
    NOTE_ROUND(1, (uint64_t)(me->next_merge - first_of_rest),
               (uint64_t)(me->next_merge - first_of_rest));
    g->num_merges += (uint64_t)(me->next_merge - g->merges);
#if defined(MERGE_CHECK)
    if (status == MERGE_OK)
        status = merge_check_graph(g, threshold);
#endif
    return status;
}
