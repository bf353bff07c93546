#include "collect_edges.h"

#include "../check_problem.h"
#include "runs.h"

/* Two super-vertices meet in many rows along their border. So recent sums stay in a small hash
 * table, where the pixel edges of the next rows are added to them. The table has 2^bits entries,
 * about one for 16 vertices. These are the bounds of bits. */
#define FEWEST_RECENT_BITS 4
#define MOST_RECENT_BITS 13
/* The number of edges in a large block. The first block is smaller, and each next one has four
 * times as many edges. Tests define a smaller number, so that small problems fill several blocks.
 */
#ifndef BLOCK_EDGES
#define BLOCK_EDGES 16384
#endif
#define FIRST_BLOCK_EDGES (BLOCK_EDGES / 64 + 4)

typedef struct edge_block {
    struct edge_block *older;
    uint32_t count;
    uint32_t capacity;
    new_edge edges[];
} edge_block;

/* The edges that one worker has collected. */
typedef struct {
    worker *me;
    arena space; /* for the blocks and for recent */
    edge_block *newest;
    new_edge *recent; /* hash table of sums not yet in a block; a is NO_VERTEX in an empty entry */
    int recent_bits;
} worker_collection;

/* The data that all workers share. */
typedef struct {
    int32_t stage;
    run_list runs;             /* of a grid */
    worker_collection *shares; /* one for each worker */
} stage_collection;

static int append_edge(worker_collection *mine, const new_edge *edge)
{
    edge_block *block = mine->newest;
    if (!block || block->count == block->capacity) {
        uint32_t capacity = block ? 4 * block->capacity : FIRST_BLOCK_EDGES;
        if (capacity > BLOCK_EDGES)
            capacity = BLOCK_EDGES;
        block = merge_arena_take(&mine->space, sizeof *block + capacity * sizeof *block->edges);
        if (!block)
            return MERGE_OUT_OF_MEMORY;
        block->older = mine->newest;
        block->count = 0;
        block->capacity = capacity;
        mine->newest = block;
    }
    block->edges[block->count++] = *edge;
    return MERGE_OK;
}

/* Adds pixel edges between two super-vertices to the sum of these two in the hash table. If the
 * table has none, the sum that is in its entry moves to the blocks, and the new sum takes the
 * entry. */
static int collect_sum(worker_collection *mine, uint32_t u, uint32_t v, affinity_sum sum)
{
    uint32_t a = u < v ? u : v, b = u < v ? v : u;
    new_edge *recent =
        &mine->recent[(a * 0x9e3779b1u ^ b * 0x85ebca77u) >> (32 - mine->recent_bits)];
    if (recent->a == a && recent->b == b) {
        recent->sum =
            combine_pooled(mine->me->graph->linkage, recent->sum, sum, &mine->me->graph->wide_sums);
        return MERGE_OK;
    }
    int status = recent->a == NO_VERTEX ? MERGE_OK : append_edge(mine, recent);
    *recent = (new_edge){a, b, sum};
    return status;
}

static int collect_meeting(void *context, const run_meeting *meeting)
{
    worker_collection *mine = context;
    merge_linkage linkage = mine->me->graph->linkage;
    return collect_sum(mine, meeting->u, meeting->v,
                       pool_affinities(linkage, meeting->affinities, meeting->length,
                                       &mine->me->graph->wide_sums));
}

static int make_recent_sums(worker_collection *mine, uint32_t vertices)
{
    mine->recent_bits = FEWEST_RECENT_BITS;
    while (mine->recent_bits < MOST_RECENT_BITS && vertices >> mine->recent_bits > 16)
        mine->recent_bits++;
    size_t count = (size_t)1 << mine->recent_bits;
    mine->recent = merge_arena_take_array(&mine->space, count, sizeof *mine->recent);
    for (size_t i = 0; mine->recent && i < count; i++)
        mine->recent[i].a = NO_VERTEX;
    return mine->recent ? MERGE_OK : MERGE_OUT_OF_MEMORY;
}

static int append_recent_sums(worker_collection *mine)
{
    int status = MERGE_OK;
    for (size_t i = 0; i < (size_t)1 << mine->recent_bits && status == MERGE_OK; i++)
        if (mine->recent[i].a != NO_VERTEX)
            status = append_edge(mine, &mine->recent[i]);
    return status;
}

/* A worker_task: collects the edges of the worker's share of the rows. */
static int collect_own_rows(worker_pool *pool, worker *me, void *context)
{
    const stage_collection *all = context;
    const graph *g = pool->graph;
    worker_collection *mine = &all->shares[me - pool->workers];
    mine->me = me;
    int status = make_recent_sums(mine, g->count);
    run_walk walk = {all->stage, 0, 0, 0};
    rows_of_worker(pool, me, &walk.first_row, &walk.end_row);
    if (status == MERGE_OK)
        status = merge_visit_meetings(&all->runs, g->problem, &walk, collect_meeting, mine);
    if (status == MERGE_OK)
        status = append_recent_sums(mine);
    return worker_failed(me) ? MERGE_OUT_OF_MEMORY : status;
}

/* Counts the edges of all workers, and how many have each vertex as a: first[a + 2] for vertex a.
 */
static int count_edges(const worker_pool *pool, const worker_collection *shares, uint32_t *first,
                       uint64_t *count)
{
    for (int32_t share = 0; share < pool->count; share++)
        for (const edge_block *block = shares[share].newest; block; block = block->older)
            for (uint32_t i = 0; i < block->count; i++, ++*count) {
                if (must_stop_at(pool->graph->problem, i))
                    return MERGE_STOPPED;
                first[block->edges[i].a + 2]++;
            }
    return *count > UINT32_MAX ? MERGE_OVERFLOW : MERGE_OK;
}

/* Copies the edges of all workers to their places: the edges of vertex a begin at first[a + 1]. */
static int place_edges(const worker_pool *pool, const worker_collection *shares, uint32_t *first,
                       new_edge *sorted)
{
    for (int32_t share = 0; share < pool->count; share++)
        for (const edge_block *block = shares[share].newest; block; block = block->older)
            for (uint32_t i = 0; i < block->count; i++) {
                if (must_stop_at(pool->graph->problem, i))
                    return MERGE_STOPPED;
                sorted[first[block->edges[i].a + 1]++] = block->edges[i];
            }
    return MERGE_OK;
}

/* Adds up the numbers of edges: first[a + 1] becomes the place of the first edge of vertex a. Takes
 * memory for all edges. */
static int reserve_places(const graph *g, uint32_t *first, uint64_t count, arena *memory,
                          sorted_edges *found)
{
    found->count = (uint32_t)count;
    found->edges = merge_arena_take_array(memory, count, sizeof *found->edges);
    if (!found->edges)
        return MERGE_OUT_OF_MEMORY;
    for (uint32_t v = 0; v < g->count; v++) {
        if (must_stop_at(g->problem, v))
            return MERGE_STOPPED;
        first[v + 2] += first[v + 1];
    }
    return MERGE_OK;
}

/* Sorts the edges of all workers by their vertex a, with a counting sort. */
static int sort_edges(const worker_pool *pool, const worker_collection *shares, uint32_t *first,
                      arena *memory, sorted_edges *found)
{
    uint64_t count = 0;
    int status = count_edges(pool, shares, first, &count);
    if (status == MERGE_OK)
        status = reserve_places(pool->graph, first, count, memory, found);
    return status == MERGE_OK ? place_edges(pool, shares, first, found->edges) : status;
}

static int collect_grid_edges(worker_pool *pool, int32_t stage, uint32_t *first, arena *memory,
                              sorted_edges *found)
{
    arena scratch = {0};
    stage_collection all = {.stage = stage};
    uint64_t shares = (uint64_t)pool->count;
    int status = MERGE_OUT_OF_MEMORY;
    all.shares = merge_arena_take_array(&scratch, shares, sizeof *all.shares);
    if (all.shares) {
        memset(all.shares, 0, shares * sizeof *all.shares);
        status = merge_runs_make(&all.runs, pool->graph, &scratch);
        if (status == MERGE_OK)
            status = merge_worker_pool_run(pool, pool->count, collect_own_rows, &all);
        if (status == MERGE_OK)
            status = sort_edges(pool, all.shares, first, memory, found);
        for (uint64_t i = 0; i < shares; i++)
            merge_arena_release(&all.shares[i].space);
    }
    merge_arena_release(&scratch);
    return status;
}

static affinity_sum sum_of_listed(graph *g, int64_t edge)
{
    uint16_t affinity = g->problem->affinities[edge];
    if (!g->problem->sums)
        return sum_of_pixel_edge(affinity);
    const int64_t *sum = g->problem->sums + 2 * edge;
    return pool_counted_edge(g->linkage, affinity, (uint64_t)sum[0], (uint64_t)sum[1],
                             &g->wide_sums);
}

/* Sets *a and *b to the super-vertices that an explicit edge joins, the smaller number first.
 * Returns whether they are two. */
static inline int ends_of_listed(const graph *g, int64_t edge, uint32_t *a, uint32_t *b)
{
    const int64_t *ends = g->problem->offsets_or_ends + 2 * edge;
    uint32_t u = g->vertices[ends[0]].parent, v = g->vertices[ends[1]].parent;
    *a = u < v ? u : v;
    *b = u < v ? v : u;
    return u != v;
}

/* Sorts the explicit edges of a stage by their super-vertex a, with a counting sort. */
static int collect_listed_edges(worker *me, int32_t stage, uint32_t *first, arena *memory,
                                sorted_edges *found)
{
    const graph *g = me->graph;
    int64_t begin = merge_first_edge_of_stage(g->problem, stage);
    int64_t end = merge_first_edge_of_stage(g->problem, stage + 1);
    uint64_t count = 0;
    uint32_t a, b;
    for (int64_t k = begin; k < end; k++) {
        if (must_stop_at(g->problem, (uint64_t)k))
            return MERGE_STOPPED;
        if (ends_of_listed(g, k, &a, &b)) {
            first[a + 2]++;
            count++;
        }
    }
    if (count > UINT32_MAX)
        return MERGE_OVERFLOW;
    int status = reserve_places(g, first, count, memory, found);
    for (int64_t k = begin; k < end && status == MERGE_OK; k++) {
        if (must_stop_at(g->problem, (uint64_t)k))
            return MERGE_STOPPED;
        if (ends_of_listed(g, k, &a, &b))
            found->edges[first[a + 1]++] = (new_edge){a, b, sum_of_listed(me->graph, k)};
    }
    return worker_failed(me) ? MERGE_OUT_OF_MEMORY : status;
}

int merge_collect_edges(worker_pool *pool, int32_t stage, arena *memory, sorted_edges *found)
{
    const graph *g = pool->graph;
    uint32_t *first = merge_arena_take_array(memory, (uint64_t)g->count + 2, sizeof *first);
    if (!first)
        return MERGE_OUT_OF_MEMORY;
    memset(first, 0, ((size_t)g->count + 2) * sizeof *first);
    return g->problem->is_grid
               ? collect_grid_edges(pool, stage, first, memory, found)
               : collect_listed_edges(&pool->workers[0], stage, first, memory, found);
}

int merge_combine_parallel_edges(worker *me, sorted_edges *found)
{
    vertex_state *vertices = me->graph->vertices;
    new_edge *edges = found->edges;
    uint32_t kept = 0, first = 0; /* the first of the edges that are kept with the present a */
    for (uint32_t i = 0; i < found->count; i++) {
        if (must_stop_at(me->graph->problem, i))
            return MERGE_STOPPED;
        if (kept > 0 && edges[i].a != edges[kept - 1].a)
            first = kept;
        uint32_t at = vertices[edges[i].b].mark;
        if (at >= first && at < kept && edges[at].b == edges[i].b) {
            edges[at].sum = combine_pooled(me->graph->linkage, edges[at].sum, edges[i].sum,
                                           &me->graph->wide_sums);
        } else {
            vertices[edges[i].b].mark = kept;
            edges[kept++] = edges[i];
        }
    }
    found->count = kept;
    return MERGE_OK;
}
