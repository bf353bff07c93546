#include "worker_pool.h"

#include <pthread.h>

void merge_worker_pool_divide(worker_pool *pool)
{
    const graph *g = pool->graph;
    uint64_t next = 0;
    pool->ranges = pool->count;
    for (int32_t i = 0; i < pool->count; i++) {
        uint64_t goal = (uint64_t)g->count * (uint64_t)(i + 1) / (uint64_t)pool->count;
        pool->workers[i].first_tile = next;
        while (next < g->num_tiles && g->tiles[next].first < goal)
            next++;
        if (i + 1 == pool->count)
            next = g->num_tiles;
        pool->workers[i].end_tile = next;
    }
}

void merge_worker_pool_join_ranges(worker_pool *pool)
{
    int32_t joined = (pool->ranges + 1) / 2;
    for (int32_t i = 0; i < joined; i++) {
        int32_t last = 2 * i + 1 < pool->ranges ? 2 * i + 1 : 2 * i;
        pool->workers[i].first_tile = pool->workers[2 * i].first_tile;
        pool->workers[i].end_tile = pool->workers[last].end_tile;
    }
    pool->ranges = joined;
}

/* The most vertices that a worker has in a round. The tiles must just have been divided. */
static uint64_t most_vertices_of_worker(const worker_pool *pool, int32_t index)
{
    const tile *tiles = pool->graph->tiles;
    uint64_t most = 0;
    for (int64_t joined = 1; index * joined < pool->count; joined *= 2) {
        int64_t end = (index + 1) * joined < pool->count ? (index + 1) * joined : pool->count;
        uint64_t vertices = tiles[pool->workers[end - 1].end_tile].first -
                            tiles[pool->workers[index * joined].first_tile].first;
        most = vertices > most ? vertices : most;
    }
    return most;
}

int merge_worker_pool_make(worker_pool *pool, graph *g, int32_t threads, arena *memory)
{
    uint64_t most = g->num_tiles ? g->num_tiles : 1;
    pool->graph = g;
    pool->count = (uint64_t)threads < most ? threads : (int32_t)most;
    pool->loops = merge_loops_for(g->linkage);
    pool->workers = merge_arena_take_array(memory, (uint64_t)pool->count, sizeof *pool->workers);
    if (!pool->workers)
        return MERGE_OUT_OF_MEMORY;
    memset(pool->workers, 0, (size_t)pool->count * sizeof *pool->workers);
    merge_worker_pool_divide(pool);
    for (int32_t i = 0; i < pool->count; i++) {
        worker *me = &pool->workers[i];
        me->graph = g;
        me->sentinel = g->count + 1 + (uint32_t)i;
        me->marked = NO_VERTEX;
        if (i == 0) /* the first worker writes to g->merges */
            continue;
        me->merges = merge_arena_take_array(memory, most_vertices_of_worker(pool, i) + 1,
                                            sizeof *me->merges);
        if (!me->merges)
            return MERGE_OUT_OF_MEMORY;
        me->next_merge = me->merges;
    }
    if (pool->count > 1) {
        g->at_border = merge_arena_take_array(memory, (uint64_t)g->count + 1, sizeof *g->at_border);
        if (!g->at_border)
            return MERGE_OUT_OF_MEMORY;
    }
    return MERGE_OK;
}

void merge_worker_pool_release(worker_pool *pool)
{
    for (int32_t i = 0; pool->workers && i < pool->count; i++)
        merge_arena_release(&pool->workers[i].arena);
}

typedef struct {
    pthread_t thread;
    worker_pool *pool;
    worker *me;
    worker_task task;
    void *context;
    int started;
} assignment;

static void *run_assignment(void *context)
{
    assignment *now = context;
    now->me->status = now->task(now->pool, now->me, now->context);
    return NULL;
}

int merge_worker_pool_run(worker_pool *pool, int32_t count, worker_task task, void *context)
{
    if (count == 1)
        return task(pool, &pool->workers[0], context);
    arena scratch = {0};
    assignment *assignments =
        merge_arena_take_array(&scratch, (uint64_t)count, sizeof *assignments);
    if (!assignments)
        return MERGE_OUT_OF_MEMORY;
    for (int32_t i = count; i-- > 0;) {
        assignments[i] =
            (assignment){.pool = pool, .me = &pool->workers[i], .task = task, .context = context};
        assignments[i].started = i > 0 && pthread_create(&assignments[i].thread, NULL,
                                                         run_assignment, &assignments[i]) == 0;
        if (!assignments[i].started)
            run_assignment(&assignments[i]);
    }
    int status = MERGE_OK;
    for (int32_t i = 0; i < count; i++) {
        if (assignments[i].started)
            pthread_join(assignments[i].thread, NULL);
        if (status == MERGE_OK)
            status = pool->workers[i].status;
    }
    merge_arena_release(&scratch);
    return status;
}
