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
    return merge_worker_pool_run(pool, find_best_edges_of_own_rows, NULL);
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

/* A worker_task. Merges pairs inside the worker's own range of vertices. */
static int sweep_own_tiles(worker_pool *pool, worker *me, void *context)
{
    (void)context;
    graph *g = me->graph;
    for (uint32_t v = g->tiles[me->first_tile].first; v < g->tiles[me->end_tile].first; v++) {
        if (must_stop(g->problem))
            return MERGE_STOPPED;
        g->at_border[v] = is_alive(g, v) && has_edge_to_other_worker(me, v);
    }
    return sweep_tiles(me, me->first_tile, me->end_tile, pool->loops.drain_worklist);
}

static int sweep_in_parallel(worker_pool *pool)
{
    graph *g = pool->graph;
    int status = merge_worker_pool_run(pool, sweep_own_tiles, NULL);
    worker *first = &pool->workers[0];
    uint64_t merges = (uint64_t)(first->next_merge - first->merges), most = merges;
    for (int32_t i = 1; i < pool->count; i++) {
        worker *other = &pool->workers[i];
        size_t rows = (size_t)(other->next_merge - other->merges);
        memcpy(first->next_merge, other->merges, rows * sizeof *other->merges);
        first->next_merge += rows;
        merges += rows;
        most = rows > most ? rows : most;
        other->next_merge = other->merges;
        /* The first worker visits all vertices afterwards, so the other worklists are emptied. */
        while (other->worklist_height > 0)
            g->vertices[other->worklist[--other->worklist_height]].worklist_index = NOT_LISTED;
    }
    NOTE_ROUND(pool->count, merges, most);
    return status;
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

int merge_stage(worker_pool *pool, weight_bits threshold)
{
    graph *g = pool->graph;
    worker *me = &pool->workers[0];
    me->next_merge = me->merges = g->merges;
    tell_all_workers_of_hubs(pool);
    for (int32_t i = 0; i < pool->count; i++) {
        pool->workers[i].threshold = threshold;
        pool->workers[i].uses_worklist = 1;
        pool->workers[i].patience = MOST_PATIENCE / 16;
        pool->workers[i].marked = NO_VERTEX;
        pool->workers[i].alone = pool->count == 1;
        pool->workers[i].arena.frees_nothing = pool->count > 1;
    }
    int status = pool->count > 1 ? sweep_in_parallel(pool) : MERGE_OK;
    tell_all_workers_of_hubs(pool);
    me->alone = 1;
    me->arena.frees_nothing = 0;
    me->marked = NO_VERTEX;
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
