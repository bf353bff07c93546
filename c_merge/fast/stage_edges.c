#include "stage_edges.h"

#include "best_edge.h"
#include "collect_edges.h"

static void update(worker *me, const new_edge *edge, uint32_t place, int average)
{
    neighbourhood *here = me->graph->vertices[edge->a].edges;
    neighbourhood *there = me->graph->vertices[edge->b].edges;
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

static int add_all(worker *me, const sorted_edges *found, int average)
{
    const graph *g = me->graph;
    int status = MERGE_OK;
    for (uint32_t a = 0; a < g->count && status == MERGE_OK; a++) {
        uint32_t first = found->first[a], count = found->first[a + 1] - first;
        if (count > 0)
            status = add_group(me, found->edges + first,
                               pool_edges(me, found->edges + first, count), average);
    }
    return me->arena.failed ? MERGE_OUT_OF_MEMORY : status;
}

int stage_edges_add(team *crew, int32_t stage)
{
    graph *g = crew->graph;
    worker *me = &crew->workers[0];
    int average = g->problem->linkage == LINKAGE_AVERAGE;
    me->marked = NO_VERTEX;
    for (uint32_t v = 0; v < g->count; v++)
        g->vertices[v].parent = root_of(g, v);
    /* From now on an edge's place is no longer that of its neighbour in the grid. */
    for (uint32_t v = 0; g->num_pixel_neighbours && v < g->count; v++)
        if (is_alive(g, v) && !edges_of(me, v, average))
            return MERGE_OUT_OF_MEMORY;
    arena scratch = {0};
    sorted_edges found;
    int status = collect_edges(crew, stage, &scratch, &found);
    if (status == MERGE_OK)
        status = add_all(me, &found, average);
    arena_release(&scratch);
    return status;
}
