#include "stage.h"

#include "best.h"
#include "runs.h"

#define ROOM 65536 /* edges collected before they are added, where they need not all be there */

/* Pixel edges between two super-vertices. */
typedef struct {
    uint32_t a;
    uint32_t b;
    affinity_sum sum;
} new_edge;

typedef struct {
    worker *me;
    int average;
    new_edge *edges; /* collected */
    new_edge *sorted;
    uint64_t count;
    uint64_t room;
    uint32_t *first; /* of each vertex in sorted; one more for the end */
} collection;

static int add_all(collection *all);

static int collect(collection *all, uint32_t u, uint32_t v, uint64_t total, uint64_t count)
{
    if (all->count == all->room) {
        int status = add_all(all);
        if (status != MERGE_OK)
            return status;
    }
    const graph *g = all->me->graph;
    uint32_t u_live = g->edges[u] ? g->edges[u]->live : 0;
    uint32_t v_live = g->edges[v] ? g->edges[v]->live : 0;
    affinity_sum sum = sum_packed(total, count, &all->me->arena);
    /* Grouped by the one with more edges, there are fewer groups. */
    all->edges[all->count++] = u_live > v_live || (u_live == v_live && u < v)
                                   ? (new_edge){u, v, sum}
                                   : (new_edge){v, u, sum};
    return MERGE_OK;
}

static int collect_meeting(void *context, const run_meeting *meeting)
{
    return collect(context, meeting->u, meeting->v, meeting_total(meeting), meeting->length);
}

static int count_meeting(void *context, const run_meeting *meeting)
{
    (void)meeting;
    ++*(uint64_t *)context;
    return MERGE_OK;
}

/* By their first vertex, in the order of collection. */
static void sort_edges(collection *all)
{
    uint32_t *first = all->first, vertices = all->me->graph->count;
    memset(first, 0, ((size_t)vertices + 2) * sizeof *first);
    for (uint64_t i = 0; i < all->count; i++)
        first[all->edges[i].a + 2]++;
    for (uint32_t v = 0; v < vertices; v++)
        first[v + 2] += first[v + 1];
    for (uint64_t i = 0; i < all->count; i++)
        all->sorted[first[all->edges[i].a + 1]++] = all->edges[i];
}

/* Edges of one vertex to the same neighbour become one; returns how many are left. */
static uint32_t pool(worker *me, new_edge *edges, uint32_t count)
{
    uint32_t *mark = me->graph->mark, left = 0;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t b = edges[i].b, at = mark[b];
        if (at < left && edges[at].b == b) {
            edges[at].sum = sum_added(edges[at].sum, edges[i].sum, &me->arena);
        } else {
            mark[b] = left;
            edges[left++] = edges[i];
        }
    }
    return left;
}

static void update(worker *me, const new_edge *edge, uint32_t place, int average)
{
    neighbourhood *here = me->graph->edges[edge->a], *there = me->graph->edges[edge->b];
    uint32_t twin = half_at(here, place, average)->twin;
    float weight;
    if (average) {
        affinity_sum sum = sum_added(*sum_at(here, place), edge->sum, &me->arena);
        *sum_at(here, place) = *sum_at(there, twin) = sum;
        weight = pooled(sum);
    } else {
        weight = (weight_of(*weight_at(here, place)) + pooled(edge->sum)) * 0.5f;
    }
    *weight_at(here, place) = *weight_at(there, twin) = bits_of(weight);
}

static int insert(worker *me, const new_edge *edge, int average)
{
    graph *g = me->graph;
    uint64_t live = g->edges[edge->b] ? (uint64_t)g->edges[edge->b]->live : 0;
    int status = neighbourhood_grow(me, edge->b, live + 1, average);
    if (status != MERGE_OK)
        return status;
    neighbourhood *here = g->edges[edge->a], *there = g->edges[edge->b];
    uint32_t place = place_taken(here, average), twin = place_taken(there, average);
    *half_at(here, place, average) = (half_edge){edge->b, twin};
    *half_at(there, twin, average) = (half_edge){edge->a, place};
    if (average)
        *sum_at(here, place) = *sum_at(there, twin) = edge->sum;
    *weight_at(here, place) = *weight_at(there, twin) = bits_of(pooled(edge->sum));
    here->live++;
    there->live++;
    return MERGE_OK;
}

/* Adds the edges of one vertex. */
static int add_group(worker *me, new_edge *edges, uint32_t count, int average)
{
    graph *g = me->graph;
    uint32_t a = edges[0].a;
    count = pool(me, edges, count);
    uint64_t live = g->edges[a] ? g->edges[a]->live : 0;
    int status = neighbourhood_grow(me, a, live + count, average);
    if (status != MERGE_OK)
        return status;
    neighbourhood *here = g->edges[a];
    for (uint32_t i = 0; i < here->used; i++)
        g->mark[half_at(here, i, average)->to] = i;
    for (uint32_t i = 0; i < count && status == MERGE_OK; i++) {
        uint32_t b = edges[i].b, place = g->mark[b];
        if (place < here->used && half_at(here, place, average)->to == b)
            update(me, &edges[i], place, average);
        else
            status = insert(me, &edges[i], average);
        g->best[b] = (best_edge){UNKNOWN, NO_VERTEX};
    }
    g->best[a] = (best_edge){UNKNOWN, NO_VERTEX};
    return status;
}

static int add_all(collection *all)
{
    sort_edges(all);
    int status = MERGE_OK;
    for (uint64_t i = 0; i < all->count && status == MERGE_OK;) {
        uint64_t end = all->first[all->sorted[i].a + 1];
        status = add_group(all->me, all->sorted + i, (uint32_t)(end - i), all->average);
        i = end;
    }
    all->count = 0;
    return all->me->arena.failed ? MERGE_OUT_OF_MEMORY : status;
}

static int collection_make(collection *all, arena *scratch, uint64_t most)
{
    /* "weighted" pools all edges of a stage between two super-vertices before it joins them. */
    all->room = all->average && most > ROOM ? ROOM : most;
    all->edges = arena_take_array(scratch, all->room + 1, sizeof *all->edges);
    all->sorted = arena_take_array(scratch, all->room + 1, sizeof *all->sorted);
    all->first = arena_take_array(scratch, (uint64_t)all->me->graph->count + 2, sizeof *all->first);
    return all->edges && all->sorted && all->first ? MERGE_OK : MERGE_OUT_OF_MEMORY;
}

static int add_grid_edges(collection *all, arena *scratch, int32_t stage)
{
    graph *g = all->me->graph;
    const merge_problem *problem = g->problem;
    run_list list;
    uint64_t most = 0;
    int status = runs_make(&list, g, scratch);
    for (int64_t k = 0; k < problem->num_channels && status == MERGE_OK; k++)
        if (problem->stages[k] == stage)
            status = runs_meet(&list, problem, k, 0, count_meeting, &most);
    if (status == MERGE_OK)
        status = collection_make(all, scratch, most);
    for (int64_t k = 0; k < problem->num_channels && status == MERGE_OK; k++)
        if (problem->stages[k] == stage)
            status = runs_meet(&list, problem, k, 0, collect_meeting, all);
    return status == MERGE_OK ? add_all(all) : status;
}

/* The first listed edge whose stage is not before the given one. */
static int64_t first_of_stage(const merge_problem *problem, int32_t stage)
{
    int64_t low = 0, high = problem->num_channels;
    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        if (problem->stages[middle] < stage)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static int add_listed_edges(collection *all, arena *scratch, int32_t stage)
{
    graph *g = all->me->graph;
    const merge_problem *problem = g->problem;
    int64_t first = first_of_stage(problem, stage), end = first_of_stage(problem, stage + 1);
    int status = collection_make(all, scratch, (uint64_t)(end - first));
    for (int64_t k = first; k < end && status == MERGE_OK; k++) {
        const int64_t *ends = problem->offsets_or_ends + 2 * k;
        uint32_t u = g->parent[ends[0]], v = g->parent[ends[1]];
        if (u != v)
            status = collect(all, u, v, problem->affinities[k], 1);
    }
    return status == MERGE_OK ? add_all(all) : status;
}

int stage_edges_add(worker *me, arena *scratch, int32_t stage)
{
    graph *g = me->graph;
    collection all = {.me = me, .average = g->problem->linkage == LINKAGE_AVERAGE};
    me->marked = NO_VERTEX;
    for (uint32_t v = 0; v < g->count; v++)
        g->parent[v] = root_of(g, v);
    for (uint32_t v = 0; g->num_pixel_neighbours && v < g->count; v++)
        if (is_alive(g, v) && !edges_of(me, v, all.average))
            return MERGE_OUT_OF_MEMORY;
    return g->problem->is_grid ? add_grid_edges(&all, scratch, stage)
                               : add_listed_edges(&all, scratch, stage);
}
