#include "merge_stage.h"

#include "graph_check.h"
#include "pixel_edges.h"
#include "worklist.h"

static int first_best_of_rows(team *crew, worker *me, void *context)
{
    (void)context;
    int64_t first, end;
    rows_of_worker(crew, me, &first, &end);
    return crew->loops.find_first_best(crew->graph, first, end, &me->arena);
}

int team_find_first_best(team *crew)
{
    return team_run(crew, first_best_of_rows, NULL);
}

/* Whether a vertex has an edge to another worker's. */
static int reaches_others(const worker *me, uint32_t vertex)
{
    const graph *g = me->graph;
    uint32_t first = g->tiles[me->first_tile].first, end = g->tiles[me->end_tile].first;
    const neighbourhood *edges = g->vertices[vertex].edges;
    if (!edges) /* a pixel where nothing has happened; or in a graph that is no grid, one without
                   any */
        return g->num_pixel_neighbours > 0 && pixel_reaches_beyond(g, vertex, first, end);
    int average = g->problem->linkage == LINKAGE_AVERAGE;
    for (uint32_t i = 0; i < edges->used; i++) {
        uint32_t to = half_at(edges, i, average)->to;
        if (to < g->count && (to < first || to >= end))
            return 1;
    }
    return 0;
}

/* Puts a vertex on the worklist unless it prefers one that prefers another: whoever changes that
 * pushes it. */
static void seed(worker *me, uint32_t vertex)
{
    const graph *g = me->graph;
    best_edge mine = g->vertices[vertex].best;
    if (mine.weight < me->threshold || is_held(me, vertex))
        return;
    if (!(mine.to & DOUBTFUL)) {
        uint32_t theirs = g->vertices[mine.to].best.to;
        if (!(theirs & DOUBTFUL) && theirs != vertex)
            return;
    }
    push(me, vertex);
}

static int sweep_tiles(worker *me, uint64_t first, uint64_t end, drain_function drain)
{
    const graph *g = me->graph;
    int status = MERGE_OK;
    for (uint64_t i = first; i < end && status == MERGE_OK; i++) {
        for (uint32_t v = g->tiles[i + 1].first; v-- > g->tiles[i].first;)
            seed(me, v);
        status = drain(me);
    }
    return status;
}

/* Until no vertex has an edge that reaches the threshold: what ties have hidden, the next sweep
 * finds. There is always a pair that may be merged, so that one that merges nothing is the last. */
static int sweep_all(worker *me, drain_function drain)
{
    const graph *g = me->graph;
    const merge_row *before;
    do {
        before = me->next_merge;
        for (uint32_t v = g->count; v-- > 0;)
            if (g->vertices[v].best.weight >= me->threshold)
                push(me, v);
        int status = drain(me);
        if (status != MERGE_OK)
            return status;
    } while (me->next_merge != before);
    return MERGE_OK;
}

/* One worker's part of a stage, while others do theirs. */
static int merge_own(team *crew, worker *me, void *context)
{
    (void)context;
    graph *g = me->graph;
    for (uint32_t v = g->tiles[me->first_tile].first; v < g->tiles[me->end_tile].first; v++)
        g->at_border[v] = is_alive(g, v) && reaches_others(me, v);
    return sweep_tiles(me, me->first_tile, me->end_tile, crew->loops.drain);
}

static int merge_together(team *crew)
{
    graph *g = crew->graph;
    int status = team_run(crew, merge_own, NULL);
    worker *first = &crew->workers[0];
    for (int32_t i = 1; i < crew->count; i++) {
        worker *other = &crew->workers[i];
        size_t rows = (size_t)(other->next_merge - other->merges);
        memcpy(first->next_merge, other->merges, rows * sizeof *other->merges);
        first->next_merge += rows;
        other->next_merge = other->merges;
        /* Whatever is left waiting there, the first one looks at. */
        while (other->height > 0)
            g->vertices[other->worklist[--other->height]].place = NO_PLACE;
    }
    return status;
}

int team_merge(team *crew, weight_bits threshold)
{
    graph *g = crew->graph;
    for (int32_t i = 0; i < crew->count; i++) {
        crew->workers[i].threshold = threshold;
        crew->workers[i].marked = NO_VERTEX;
        crew->workers[i].alone = crew->count == 1;
    }
    int status = crew->count > 1 ? merge_together(crew) : MERGE_OK;
    worker *me = &crew->workers[0];
    me->alone = 1;
    me->marked = NO_VERTEX;
    if (status == MERGE_OK)
        status = sweep_tiles(me, 0, g->num_tiles, crew->loops.drain);
    if (status == MERGE_OK)
        status = sweep_all(me, crew->loops.drain);
    g->num_merges = (uint64_t)(me->next_merge - g->merges);
#if defined(MERGE_CHECK)
    if (status == MERGE_OK)
        status = graph_check(g, threshold);
#endif
    return status;
}
