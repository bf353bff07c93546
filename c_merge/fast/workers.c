#include "workers.h"

#include <pthread.h>

#include "check.h"
#include "pixels.h"
#include "worklist.h"

/* Tiles that hold about as many vertices for each. */
static void share_out(team *team)
{
    const graph *g = team->graph;
    uint64_t tile = 0;
    for (int32_t i = 0; i < team->count; i++) {
        uint64_t goal = (uint64_t)g->count * (uint64_t)(i + 1) / (uint64_t)team->count;
        team->workers[i].first_tile = tile;
        while (tile < g->num_tiles && g->tiles[tile].first < goal)
            tile++;
        if (i + 1 == team->count)
            tile = g->num_tiles;
        team->workers[i].end_tile = tile;
    }
}

int team_make(team *team, graph *g, int32_t threads, arena *arena)
{
    uint64_t most = g->num_tiles ? g->num_tiles : 1;
    team->graph = g;
    team->count = (uint64_t)threads < most ? threads : (int32_t)most;
    team->loops = loops_for(g->problem->linkage);
    team->workers = arena_take_array(arena, (uint64_t)team->count, sizeof *team->workers);
    if (!team->workers)
        return MERGE_OUT_OF_MEMORY;
    memset(team->workers, 0, (size_t)team->count * sizeof *team->workers);
    share_out(team);
    for (int32_t i = 0; i < team->count; i++) {
        worker *me = &team->workers[i];
        uint64_t vertices = g->tiles[me->end_tile].first - g->tiles[me->first_tile].first;
        me->graph = g;
        me->nobody = g->count + 1 + (uint32_t)i;
        me->marked = NO_VERTEX;
        /* The first one works alone in the end, with the vertices of all. */
        me->room = 2 * ((i == 0 ? g->count : vertices) + 1);
        me->worklist = arena_take_array(arena, me->room, sizeof *me->worklist);
        me->merges = i == 0 ? g->merges : arena_take_array(arena, vertices + 1, sizeof *me->merges);
        if (!me->worklist || !me->merges)
            return MERGE_OUT_OF_MEMORY;
        me->next_merge = me->merges;
    }
    if (team->count > 1) {
        g->at_border = arena_take_array(arena, (uint64_t)g->count + 1, sizeof *g->at_border);
        if (!g->at_border)
            return MERGE_OUT_OF_MEMORY;
    }
    return MERGE_OK;
}

void team_release(team *team)
{
    for (int32_t i = 0; team->workers && i < team->count; i++)
        arena_release(&team->workers[i].arena);
}

typedef struct {
    pthread_t thread;
    worker *me;
    const loops *loops;
    int (*part)(worker *me, const loops *loops);
    int started;
} turn;

static void *take_turn(void *context)
{
    turn *now = context;
    now->me->status = now->part(now->me, now->loops);
    return NULL;
}

int team_run(team *team, int (*part)(worker *me, const loops *loops))
{
    arena scratch = {0};
    turn *turns = arena_take_array(&scratch, (uint64_t)team->count, sizeof *turns);
    if (!turns)
        return MERGE_OUT_OF_MEMORY;
    for (int32_t i = team->count; i-- > 0;) {
        turns[i] = (turn){.me = &team->workers[i], .loops = &team->loops, .part = part};
        turns[i].started =
            i > 0 && pthread_create(&turns[i].thread, NULL, take_turn, &turns[i]) == 0;
        if (!turns[i].started)
            take_turn(&turns[i]);
    }
    int status = MERGE_OK;
    for (int32_t i = 0; i < team->count; i++) {
        if (turns[i].started)
            pthread_join(turns[i].thread, NULL);
        if (status == MERGE_OK)
            status = team->workers[i].status;
    }
    arena_release(&scratch);
    return status;
}

static int first_best_of_rows(worker *me, const loops *loops)
{
    return loops->find_first_best(me->graph, me->first_row, me->end_row, &me->arena);
}

int team_find_first_best(team *team)
{
    const int64_t *shape = team->graph->problem->shape;
    int64_t rows = shape[0] * shape[1];
    for (int32_t i = 0; i < team->count; i++) {
        team->workers[i].first_row = rows * i / team->count;
        team->workers[i].end_row = rows * (i + 1) / team->count;
    }
    return team_run(team, first_best_of_rows);
}

static int is_others(const worker *me, uint32_t vertex)
{
    const graph *g = me->graph;
    return vertex < g->count && (vertex < g->tiles[me->first_tile].first ||
                                 vertex >= g->tiles[me->end_tile].first);
}

static int reaches_others(const worker *me, uint32_t vertex)
{
    const graph *g = me->graph;
    const neighbourhood *edges = g->vertices[vertex].edges;
    int average = g->problem->linkage == LINKAGE_AVERAGE, found = 0;
    for (uint32_t i = 0; edges && i < edges->used && !found; i++)
        found = is_others(me, half_at(edges, i, average)->to);
    for (uint32_t i = 0; !edges && i < g->num_pixel_neighbours && !found; i++)
        found = is_others(me, pixel_neighbour_of(g, vertex, i));
    return found;
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

static int sweep_tiles(worker *me, drain_function drain)
{
    const graph *g = me->graph;
    int status = MERGE_OK;
    for (uint64_t i = me->first_tile; i < me->end_tile && status == MERGE_OK; i++) {
        for (uint32_t v = g->tiles[i + 1].first; v-- > g->tiles[i].first;)
            seed(me, v);
        status = drain(me);
    }
    return status;
}

/* Until no vertex has an edge that reaches the threshold: what ties have hidden, the next sweep finds.
 * There is always a pair that may be merged, so that one that merges nothing is the last. */
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
static int merge_own(worker *me, const loops *loops)
{
    graph *g = me->graph;
    for (uint32_t v = g->tiles[me->first_tile].first; v < g->tiles[me->end_tile].first; v++)
        g->at_border[v] = is_alive(g, v) && reaches_others(me, v);
    return sweep_tiles(me, loops->drain);
}

static int merge_together(team *team)
{
    graph *g = team->graph;
    int status = team_run(team, merge_own);
    worker *first = &team->workers[0];
    for (int32_t i = 1; i < team->count; i++) {
        worker *other = &team->workers[i];
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

int team_merge(team *team, weight_bits threshold)
{
    graph *g = team->graph;
    for (int32_t i = 0; i < team->count; i++) {
        team->workers[i].threshold = threshold;
        team->workers[i].marked = NO_VERTEX;
        team->workers[i].alone = team->count == 1;
    }
    worker whole = team->workers[0];
    int status = team->count > 1 ? merge_together(team) : MERGE_OK;
    worker *me = &team->workers[0];
    me->alone = 1;
    me->marked = NO_VERTEX;
    me->first_tile = 0;
    me->end_tile = g->num_tiles;
    if (status == MERGE_OK)
        status = sweep_tiles(me, team->loops.drain);
    if (status == MERGE_OK)
        status = sweep_all(me, team->loops.drain);
    me->end_tile = whole.end_tile;
    g->num_merges = (uint64_t)(me->next_merge - g->merges);
#if defined(MERGE_CHECK)
    if (status == MERGE_OK)
        status = graph_check(g, threshold);
#endif
    return status;
}
