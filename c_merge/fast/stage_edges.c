#include "stage_edges.h"

#include "best_edge.h"
#include "collect_edges.h"

/* Raises the bounds at both ends of an edge that are hubs. */
static void raise_keys_of_edge(const graph *g, const new_edge *edge, const neighbourhood *here,
                               uint32_t slot, const neighbourhood *there, uint32_t twin)
{
    weight_bits weight = *weight_at(here, slot);
    if (is_hub(here))
        raise_key(here, slot, key_of(weight, g->vertices[edge->b].name));
    if (is_hub(there))
        raise_key(there, twin, key_of(weight, g->vertices[edge->a].name));
}

/* Joins a new edge with the edge in a slot of edge->a, which leads to edge->b too. */
static void join_new_edge(worker *me, const new_edge *edge, uint32_t slot, merge_linkage linkage)
{
    neighbourhood *here = me->graph->vertices[edge->a].edges;
    neighbourhood *there = me->graph->vertices[edge->b].edges;
    uint32_t twin = half_edge_at(here, slot, linkage)->twin;
    super_edge joined = join_super_edges(linkage, super_edge_at(here, slot, linkage),
                                         super_edge_of(edge->sum), &me->arena);
    store_super_edge(here, slot, there, twin, joined, linkage);
    raise_keys_of_edge(me->graph, edge, here, slot, there, twin);
}

/* Inserts a new edge between two vertices that have no edge yet. */
static int insert_new_edge(worker *me, const new_edge *edge, merge_linkage linkage)
{
    graph *g = me->graph;
    neighbourhood *here = g->vertices[edge->a].edges, *there = g->vertices[edge->b].edges;
    uint32_t slot = take_slot(here, linkage), twin = take_slot(there, linkage);
    *half_edge_at(here, slot, linkage) = (half_edge){edge->b, twin};
    *half_edge_at(there, twin, linkage) = (half_edge){edge->a, slot};
    store_super_edge(here, slot, there, twin, super_edge_of(edge->sum), linkage);
    here->live++;
    there->live++;
    raise_keys_of_edge(g, edge, here, slot, there, twin);
    if (!is_hub(here) || !is_hub(there))
        return MERGE_OK;
    int status = merge_hub_table_add(&me->arena, here, edge->b, slot);
    return status == MERGE_OK ? merge_hub_table_add(&me->arena, there, edge->a, twin) : status;
}

/* Adds new edges of one vertex, edges[0].a. No two of them lead to the same neighbour. */
static int add_edges_of_vertex(worker *me, const new_edge *edges, uint32_t count,
                               merge_linkage linkage)
{
    graph *g = me->graph;
    uint32_t a = edges[0].a;
    int status = MERGE_OK;
    neighbourhood *here = g->vertices[a].edges;
    for (uint32_t i = 0; i < here->used; i++)
        if (half_edge_at(here, i, linkage)->to < g->count)
            g->vertices[half_edge_at(here, i, linkage)->to].mark = i;
    for (uint32_t i = 0; i < count && edges[i].a == a && status == MERGE_OK; i++) {
        uint32_t b = edges[i].b, slot = g->vertices[b].mark;
        if (slot < here->used && half_edge_at(here, slot, linkage)->to == b)
            join_new_edge(me, &edges[i], slot, linkage);
        else
            status = insert_new_edge(me, &edges[i], linkage);
        g->vertices[b].best = (best_edge){UNKNOWN_WEIGHT, NO_VERTEX};
    }
    g->vertices[a].best = (best_edge){UNKNOWN_WEIGHT, NO_VERTEX};
    return status;
}

/* Combines the new edges between the same two vertices; those that are no longer needed get
 * NO_VERTEX as a. Adds, to "room", the number of new edges at each vertex. Returns a merge_status.
 */
static int combine_and_count(worker *me, const sorted_edges *found, uint32_t *room)
{
    for (uint32_t a = 0; a < me->graph->count; a++) {
        if (must_stop(me->graph->problem))
            return MERGE_STOPPED;
        uint32_t first = found->first[a], count = found->first[a + 1] - first;
        new_edge *edges = found->edges + first;
        uint32_t kept = merge_combine_parallel_edges(me, edges, count);
        if (kept < count)
            edges[kept].a = NO_VERTEX;
        room[a] += kept;
        for (uint32_t i = 0; i < kept; i++)
            room[edges[i].b]++;
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
    }
    return status;
}

static int add_sorted_edges(worker *me, const sorted_edges *found, arena *scratch,
                            merge_linkage linkage)
{
    const graph *g = me->graph;
    uint32_t *room = merge_arena_take_array(scratch, (uint64_t)g->count + 1, sizeof *room);
    if (!room)
        return MERGE_OUT_OF_MEMORY;
    memset(room, 0, g->count * sizeof *room);
    int status = combine_and_count(me, found, room);
    if (status == MERGE_OK)
        status = make_room(me, room, linkage);
    for (uint32_t a = 0; a < g->count && status == MERGE_OK; a++) {
        uint32_t first = found->first[a], count = found->first[a + 1] - first;
        if (must_stop(g->problem))
            return MERGE_STOPPED;
        if (count > 0)
            status = add_edges_of_vertex(me, found->edges + first, count, linkage);
    }
    return me->arena.failed ? MERGE_OUT_OF_MEMORY : status;
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
            uint32_t root = root_of(g, v);
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
