#include "stage.h"

#include "best.h"
#include "runs.h"

#define RECENT_BITS 9
#define RECENT (1u << RECENT_BITS)
#define ROOM 65536 /* edges to begin with; more where they join more pairs of super-vertices */

/* Pixel edges between two super-vertices. */
typedef struct {
    uint32_t a;
    uint32_t b;
    affinity_sum sum;
} new_edge;

typedef struct {
    worker *me;
    arena *scratch;
    arena space; /* of the two arrays of edges */
    int average;
    new_edge *edges; /* collected, and from time to time pooled */
    new_edge *sorted;
    uint64_t count;
    uint64_t room;
    uint32_t *first; /* of each vertex in sorted; one more for the end */
    new_edge recent[RECENT]; /* not among the edges yet; a is NO_VERTEX where there is none */
} collection;

static int make_room(collection *all, uint64_t room)
{
    if (room > UINT32_MAX)
        return MERGE_OVERFLOW;
    arena larger = {0};
    new_edge *edges = arena_take_array(&larger, room, sizeof *edges);
    all->sorted = arena_take_array(&larger, room, sizeof *all->sorted);
    if (!edges || !all->sorted) {
        arena_release(&larger);
        return MERGE_OUT_OF_MEMORY;
    }
    if (all->count)
        memcpy(edges, all->edges, all->count * sizeof *edges);
    arena_release(&all->space);
    all->space = larger;
    all->edges = edges;
    all->room = room;
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
static uint64_t pool_group(worker *me, const new_edge *edges, uint64_t count, new_edge *pooled)
{
    vertex_state *vertices = me->graph->vertices;
    uint64_t left = 0;
    for (uint64_t i = 0; i < count; i++) {
        uint32_t b = edges[i].b, at = vertices[b].mark;
        if (at < left && pooled[at].b == b) {
            pooled[at].sum = sum_added(pooled[at].sum, edges[i].sum, &me->arena);
        } else {
            vertices[b].mark = (uint32_t)left;
            pooled[left++] = edges[i];
        }
    }
    return left;
}

/* What was collected becomes one edge between each two super-vertices, in groups by the first. */
static void pool(collection *all)
{
    sort_edges(all);
    uint64_t left = 0;
    for (uint64_t i = 0; i < all->count;) {
        uint64_t end = all->first[all->sorted[i].a + 1];
        left += pool_group(all->me, all->sorted + i, end - i, all->edges + left);
        i = end;
    }
    all->count = left;
}

static int append(collection *all, const new_edge *edge)
{
    if (all->count == all->room) {
        pool(all);
        int status = all->count > all->room / 4 * 3 ? make_room(all, 2 * all->room) : MERGE_OK;
        if (status != MERGE_OK)
            return status;
    }
    all->edges[all->count++] = *edge;
    return MERGE_OK;
}

/* The same two super-vertices meet again and again along their border. */
static int collect(collection *all, uint32_t u, uint32_t v, uint64_t total, uint64_t count)
{
    uint32_t a = u > v ? u : v, b = u > v ? v : u;
    new_edge *recent = &all->recent[(a * 0x9e3779b1u ^ b * 0x85ebca77u) >> (32 - RECENT_BITS)];
    affinity_sum sum = sum_packed(total, count, &all->me->arena);
    if (recent->a == a && recent->b == b) {
        recent->sum = sum_added(recent->sum, sum, &all->me->arena);
        return MERGE_OK;
    }
    int status = recent->a == NO_VERTEX ? MERGE_OK : append(all, recent);
    *recent = (new_edge){a, b, sum};
    return status;
}

static int collect_rest(collection *all)
{
    int status = MERGE_OK;
    for (uint32_t i = 0; i < RECENT && status == MERGE_OK; i++)
        if (all->recent[i].a != NO_VERTEX)
            status = append(all, &all->recent[i]);
    return status;
}

static int collect_meeting(void *context, const run_meeting *meeting)
{
    return collect(context, meeting->u, meeting->v, meeting_total(meeting), meeting->length);
}

static void update(worker *me, const new_edge *edge, uint32_t place, int average)
{
    neighbourhood *here = me->graph->vertices[edge->a].edges, *there = me->graph->vertices[edge->b].edges;
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
    uint64_t live = g->vertices[edge->b].edges ? (uint64_t)g->vertices[edge->b].edges->live : 0;
    int status = neighbourhood_grow(me, edge->b, live + 1, average);
    if (status != MERGE_OK)
        return status;
    neighbourhood *here = g->vertices[edge->a].edges, *there = g->vertices[edge->b].edges;
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

/* Adds the edges of one vertex, at most one to each neighbour. */
static int add_group(worker *me, const new_edge *edges, uint32_t count, int average)
{
    graph *g = me->graph;
    uint32_t a = edges[0].a;
    uint64_t live = g->vertices[a].edges ? g->vertices[a].edges->live : 0;
    int status = neighbourhood_grow(me, a, live + count, average);
    if (status != MERGE_OK)
        return status;
    neighbourhood *here = g->vertices[a].edges;
    for (uint32_t i = 0; i < here->used; i++)
        if (half_at(here, i, average)->to < g->count)
            g->vertices[half_at(here, i, average)->to].mark = i;
    for (uint32_t i = 0; i < count && status == MERGE_OK; i++) {
        uint32_t b = edges[i].b, place = g->vertices[b].mark;
        if (place < here->used && half_at(here, place, average)->to == b)
            update(me, &edges[i], place, average);
        else
            status = insert(me, &edges[i], average);
        g->vertices[b].best = (best_edge){UNKNOWN, NO_VERTEX};
    }
    g->vertices[a].best = (best_edge){UNKNOWN, NO_VERTEX};
    return status;
}

static int add_all(collection *all)
{
    int status = collect_rest(all);
    pool(all);
    for (uint64_t i = 0; i < all->count && status == MERGE_OK;) {
        uint64_t end = i + 1;
        while (end < all->count && all->edges[end].a == all->edges[i].a)
            end++;
        status = add_group(all->me, all->edges + i, (uint32_t)(end - i), all->average);
        i = end;
    }
    return all->me->arena.failed ? MERGE_OUT_OF_MEMORY : status;
}

static int add_grid_edges(collection *all, int32_t stage)
{
    graph *g = all->me->graph;
    const merge_problem *problem = g->problem;
    run_list list;
    int status = runs_make(&list, g, all->scratch);
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

static int add_listed_edges(collection *all, int32_t stage)
{
    graph *g = all->me->graph;
    const merge_problem *problem = g->problem;
    int64_t end = first_of_stage(problem, stage + 1);
    int status = MERGE_OK;
    for (int64_t k = first_of_stage(problem, stage); k < end && status == MERGE_OK; k++) {
        const int64_t *ends = problem->offsets_or_ends + 2 * k;
        uint32_t u = g->vertices[ends[0]].parent, v = g->vertices[ends[1]].parent;
        if (u != v)
            status = collect(all, u, v, problem->affinities[k], 1);
    }
    return status == MERGE_OK ? add_all(all) : status;
}

static int add_edges(collection *all, int32_t stage)
{
    uint64_t vertices = all->me->graph->count;
    all->first = arena_take_array(all->scratch, vertices + 2, sizeof *all->first);
    int status = all->first ? make_room(all, ROOM) : MERGE_OUT_OF_MEMORY;
    if (status != MERGE_OK)
        return status;
    return all->me->graph->problem->is_grid ? add_grid_edges(all, stage)
                                            : add_listed_edges(all, stage);
}

int stage_edges_add(worker *me, int32_t stage)
{
    graph *g = me->graph;
    int average = g->problem->linkage == LINKAGE_AVERAGE;
    me->marked = NO_VERTEX;
    for (uint32_t v = 0; v < g->count; v++)
        g->vertices[v].parent = root_of(g, v);
    /* From now on an edge's place is no longer that of its neighbour in the grid. */
    for (uint32_t v = 0; g->num_pixel_neighbours && v < g->count; v++)
        if (is_alive(g, v) && !edges_of(me, v, average))
            return MERGE_OUT_OF_MEMORY;
    arena scratch = {0};
    collection all = {.me = me, .scratch = &scratch, .average = average};
    for (uint32_t i = 0; i < RECENT; i++)
        all.recent[i].a = NO_VERTEX;
    int status = add_edges(&all, stage);
    arena_release(&all.space);
    arena_release(&scratch);
    return status;
}
