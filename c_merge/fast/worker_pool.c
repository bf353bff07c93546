#include "worker_pool.h"

#include <pthread.h>

/* Tiles that hold about as many vertices for each. */
static void share_out(team *crew)
{
    const graph *g = crew->graph;
    uint64_t next = 0;
    for (int32_t i = 0; i < crew->count; i++) {
        uint64_t goal = (uint64_t)g->count * (uint64_t)(i + 1) / (uint64_t)crew->count;
        crew->workers[i].first_tile = next;
        while (next < g->num_tiles && g->tiles[next].first < goal)
            next++;
        if (i + 1 == crew->count)
            next = g->num_tiles;
        crew->workers[i].end_tile = next;
    }
}

int team_make(team *crew, graph *g, int32_t threads, arena *memory)
{
    uint64_t most = g->num_tiles ? g->num_tiles : 1;
    crew->graph = g;
    crew->count = (uint64_t)threads < most ? threads : (int32_t)most;
    crew->loops = loops_for(g->problem->linkage);
    crew->workers = arena_take_array(memory, (uint64_t)crew->count, sizeof *crew->workers);
    if (!crew->workers)
        return MERGE_OUT_OF_MEMORY;
    memset(crew->workers, 0, (size_t)crew->count * sizeof *crew->workers);
    share_out(crew);
    for (int32_t i = 0; i < crew->count; i++) {
        worker *me = &crew->workers[i];
        uint64_t vertices = g->tiles[me->end_tile].first - g->tiles[me->first_tile].first;
        me->graph = g;
        me->nobody = g->count + 1 + (uint32_t)i;
        me->marked = NO_VERTEX;
        /* The first one works alone in the end, with the vertices of all. */
        me->room = 2 * ((i == 0 ? g->count : vertices) + 1);
        me->worklist = arena_take_array(memory, me->room, sizeof *me->worklist);
        me->merges =
            i == 0 ? g->merges : arena_take_array(memory, vertices + 1, sizeof *me->merges);
        if (!me->worklist || !me->merges)
            return MERGE_OUT_OF_MEMORY;
        me->next_merge = me->merges;
    }
    if (crew->count > 1) {
        g->at_border = arena_take_array(memory, (uint64_t)g->count + 1, sizeof *g->at_border);
        if (!g->at_border)
            return MERGE_OUT_OF_MEMORY;
    }
    return MERGE_OK;
}

void team_release(team *crew)
{
    for (int32_t i = 0; crew->workers && i < crew->count; i++)
        arena_release(&crew->workers[i].arena);
}

typedef struct {
    pthread_t thread;
    team *crew;
    worker *me;
    team_part part;
    void *context;
    int started;
} turn;

static void *take_turn(void *context)
{
    turn *now = context;
    now->me->status = now->part(now->crew, now->me, now->context);
    return NULL;
}

int team_run(team *crew, team_part part, void *context)
{
    arena scratch = {0};
    turn *turns = arena_take_array(&scratch, (uint64_t)crew->count, sizeof *turns);
    if (!turns)
        return MERGE_OUT_OF_MEMORY;
    for (int32_t i = crew->count; i-- > 0;) {
        turns[i] = (turn){.crew = crew, .me = &crew->workers[i], .part = part, .context = context};
        turns[i].started =
            i > 0 && pthread_create(&turns[i].thread, NULL, take_turn, &turns[i]) == 0;
        if (!turns[i].started)
            take_turn(&turns[i]);
    }
    int status = MERGE_OK;
    for (int32_t i = 0; i < crew->count; i++) {
        if (turns[i].started)
            pthread_join(turns[i].thread, NULL);
        if (status == MERGE_OK)
            status = crew->workers[i].status;
    }
    arena_release(&scratch);
    return status;
}
