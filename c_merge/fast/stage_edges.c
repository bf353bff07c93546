#include "stage_edges.h"

#include "best_edge.h"
#include "collect_edges.h"

#define FETCH_DISTANCE 8 /* edges */

/* Joins a new edge with the edge in a slot of edge->a, which leads to edge->b too. */
static void join_new_edge(worker *me, const new_edge *edge, uint32_t slot, merge_linkage linkage)
{
    neighbourhood *here = me->graph->vertices[edge->a].edges;
    neighbourhood *there = me->graph->vertices[edge->b].edges;
    wide_sums *wide = &me->graph->wide_sums;
    uint32_t twin = half_edge_at(here, slot, linkage)->twin;
    super_edge joined = join_super_edges(linkage, super_edge_at(here, slot, linkage),
                                         super_edge_of(edge->sum, wide), wide);
    store_super_edge(here, slot, there, twin, joined, linkage);
}

/* Inserts a new edge between two vertices that have no edge yet. */
INLINE int insert_new_edge(worker *me, const new_edge *edge, merge_linkage linkage)
{
    graph *g = me->graph;
    neighbourhood *here = g->vertices[edge->a].edges, *there = g->vertices[edge->b].edges;
    uint32_t slot = take_slot(here, linkage), twin = take_slot(there, linkage);
    *half_edge_at(here, slot, linkage) = (half_edge){edge->b, twin};
    *half_edge_at(there, twin, linkage) = (half_edge){edge->a, slot};
    store_super_edge(here, slot, there, twin, super_edge_of(edge->sum, &g->wide_sums), linkage);
    here->live++;
    there->live++;
    if (!is_hub(here) || !is_hub(there))
        return MERGE_OK;
    int status = merge_hub_table_add(&me->arena, here, edge->b, slot);
    return status == MERGE_OK ? merge_hub_table_add(&me->arena, there, edge->a, twin) : status;
}

/* Fetches what insert_new_edge will read and write at b: the vertex of the edge 2 * FETCH_DISTANCE
 * from "edge" on, and the neighbourhood of the edge half as far ahead. */
INLINE void fetch_new_edges(const graph *g, const new_edge *edge, const new_edge *end)
{
    if (end - edge <= 2 * FETCH_DISTANCE)
        return;
    const neighbourhood *there = g->vertices[edge[FETCH_DISTANCE].b].edges;
    __builtin_prefetch(&g->vertices[edge[2 * FETCH_DISTANCE].b]);
    __builtin_prefetch(weight_at(there, there->used), 1);
}

/* Inserts new edges into a graph that has none. No two of them join the same vertices. */
INLINE int insert_first_edges(worker *me, const sorted_edges *found, merge_linkage linkage)
{
    const new_edge *end = found->edges + found->count;
    int status = MERGE_OK;
    for (const new_edge *edge = found->edges; edge < end && status == MERGE_OK; edge++) {
        if (must_stop_at(me->graph->problem, (uint64_t)(edge - found->edges)))
            return MERGE_STOPPED;
        fetch_new_edges(me->graph, edge, end);
        status = insert_new_edge(me, edge, linkage);
    }
    return status;
}

/* Adds new edges of one vertex, edges[0].a, to those that it has. No two of them lead to the same
 * neighbour. */
static int add_edges_of_vertex(worker *me, const new_edge *edges, uint32_t count,
                               merge_linkage linkage)
{
    graph *g = me->graph;
    int status = MERGE_OK;
    neighbourhood *here = g->vertices[edges[0].a].edges;
    for (uint32_t i = 0; i < here->used; i++)
        if (half_edge_at(here, i, linkage)->to < g->count)
            g->vertices[half_edge_at(here, i, linkage)->to].mark = i;
    for (uint32_t i = 0; i < count && status == MERGE_OK; i++) {
        uint32_t b = edges[i].b, slot = g->vertices[b].mark;
        if (slot < here->used && half_edge_at(here, slot, linkage)->to == b)
            join_new_edge(me, &edges[i], slot, linkage);
        else
            status = insert_new_edge(me, &edges[i], linkage);
    }
    return status;
}

/* Adds new edges to a graph that has edges. */
static int add_later_edges(worker *me, const sorted_edges *found, merge_linkage linkage)
{
    int status = MERGE_OK;
    for (uint32_t first = 0, end; first < found->count && status == MERGE_OK; first = end) {
        uint32_t a = found->edges[first].a;
        for (end = first + 1; end < found->count && found->edges[end].a == a;)
            end++;
        if (must_stop(me->graph->problem))
            return MERGE_STOPPED;
        status = add_edges_of_vertex(me, found->edges + first, end - first, linkage);
    }
    return status;
}

static int add_edges(worker *me, const sorted_edges *found, merge_linkage linkage)
{
    graph *g = me->graph;
    if (g->first_stage_has_begun)
        return add_later_edges(me, found, linkage);
    g->first_stage_has_begun = 1;
    switch (linkage) {
#define INSERT_EDGES(constant, name) \
    case constant: \
        return insert_first_edges(me, found, constant);
        FOR_EACH_LINKAGE(INSERT_EDGES)
    }
    return MERGE_BAD_ARGUMENT;
}

/* Adds, to "room", the number of new edges at each vertex. Returns a merge_status. */
static int count_edges_of_vertices(const graph *g, const sorted_edges *found, uint32_t *room)
{
    for (uint32_t i = 0; i < found->count; i++) {
        if (must_stop_at(g->problem, i))
            return MERGE_STOPPED;
        room[found->edges[i].a]++;
        room[found->edges[i].b]++;
    }
    return MERGE_OK;
}

/* Makes room for the new edges of every vertex at once. The new edges have slots that do not follow
 * from the grid, so the neighbourhoods of all pixels are made before. */
static int make_room(worker *me, const uint32_t *room, merge_linkage linkage)
{
    graph *g = me->graph;
    int status = MERGE_OK;
    for (uint32_t v = 0; v < g->count && status == MERGE_OK; v++) {
        const neighbourhood *edges = g->vertices[v].edges;
        if (must_stop(g->problem))
            return MERGE_STOPPED;
        if (!edges && g->num_pixel_neighbours && is_alive(g, v))
            status = merge_pixel_edges_make(me, v, room[v], linkage);
        else if (room[v] > 0)
            status = merge_neighbourhood_grow(me, v, (edges ? (uint64_t)edges->live : 0) + room[v],
                                              linkage);
        if (room[v] > 0)
            g->vertices[v].best = (best_edge){UNKNOWN_WEIGHT, NO_VERTEX};
    }
    return status;
}

/* Searches for the best edges of all vertices that have got edges: neighbourhoods are read in the
 * order in which they lie in memory. Of a hub, only the bounds are set. */
static int find_best_edges(worker *me, const uint32_t *room, merge_linkage linkage)
{
    const graph *g = me->graph;
    best_edge best;
    int status = MERGE_OK;
    for (uint32_t v = 0; v < g->count && status == MERGE_OK; v++) {
        if (must_stop(g->problem))
            return MERGE_STOPPED;
        if (room[v] == 0)
            continue;
        if (is_hub(g->vertices[v].edges))
            merge_hub_set_bounds(g->vertices[v].edges, g->vertices[v].edges->used);
        else
            status = find_best_edge(me, v, &best, linkage);
    }
    return status;
}

static int add_sorted_edges(worker *me, sorted_edges *found, arena *scratch, merge_linkage linkage)
{
    const graph *g = me->graph;
    uint32_t *room = merge_arena_take_array(scratch, (uint64_t)g->count + 1, sizeof *room);
    if (!room)
        return MERGE_OUT_OF_MEMORY;
    memset(room, 0, g->count * sizeof *room);
    int status = merge_combine_parallel_edges(me, found);
    if (status == MERGE_OK)
        status = count_edges_of_vertices(g, found, room);
    if (status == MERGE_OK)
        status = make_room(me, room, linkage);
    if (status == MERGE_OK)
        status = add_edges(me, found, linkage);
    if (status == MERGE_OK)
        status = find_best_edges(me, room, linkage);
    return worker_failed(me) ? MERGE_OUT_OF_MEMORY : status;
}

int merge_add_stage_edges(worker_pool *pool, int32_t stage)
{
    graph *g = pool->graph;
    worker *me = &pool->workers[0];
    merge_linkage linkage = g->linkage;
    me->marked = NO_VERTEX;
    for (uint64_t part = 0, end; part < g->count; part = end) {
        end = end_of_part(part, g->count);
        if (must_stop(g->problem))
            return MERGE_STOPPED;
        for (uint32_t v = (uint32_t)part; v < end; v++) {
            uint32_t root;
            if (find_root(g, v, &root) != MERGE_OK)
                return MERGE_STOPPED;
            if (g->vertices[v].parent !=
                root) /* most are not written, which saves memory traffic */
                g->vertices[v].parent = root;
        }
    }
    arena scratch = {0};
    sorted_edges found;
    int status = merge_collect_edges(pool, stage, &scratch, &found);
    if (status == MERGE_OK)
        status = add_sorted_edges(me, &found, &scratch, linkage);
    merge_arena_release(&scratch);
    return status;
}
