#include "linkage.h"

#include <stdlib.h>

#include "../stop.h"

#define MAX_EDGES (NO_EDGE / 2) /* because half-edges have numbers of 32 bits */

static int make_vertices(super_graph *graph)
{
    graph->vertices = malloc(((size_t)graph->num_vertices + 1) * sizeof *graph->vertices);
    if (!graph->vertices)
        return MERGE_OUT_OF_MEMORY;
    for (uint32_t v = 0; v < graph->num_vertices; v++) {
        if (must_stop_at(graph->problem, v))
            return MERGE_STOPPED;
        graph->vertices[v] = (super_vertex){.into = v, .name = v, .first = NO_EDGE};
    }
    return MERGE_OK;
}

int merge_super_graph_make(super_graph *graph, uint32_t num_vertices, const merge_problem *problem)
{
    *graph = (super_graph){.problem = problem,
                           .linkage = (merge_linkage)problem->linkage,
                           .num_vertices = num_vertices,
                           .unused = NO_EDGE};
    int status = make_vertices(graph);
    if (status == MERGE_OK)
        status = merge_edge_index_make(&graph->index, num_vertices, problem);
    if (status != MERGE_OK)
        merge_super_graph_free(graph);
    return status;
}

void merge_super_graph_free(super_graph *graph)
{
    free(graph->vertices);
    free(graph->edges);
    merge_edge_index_free(&graph->index);
    graph->vertices = NULL;
    graph->edges = NULL;
}

uint32_t merge_super_graph_root(super_graph *graph, uint32_t vertex)
{
    super_vertex *vertices = graph->vertices;
    while (vertices[vertex].into != vertex)
        vertex = vertices[vertex].into = vertices[vertices[vertex].into].into;
    return vertex;
}

/* Sets a root as one end of an edge, and inserts the half-edge into the list of the root. */
static void link_half_edge(super_graph *graph, uint32_t edge, int side, uint32_t root)
{
    super_vertex *vertex = &graph->vertices[root];
    super_edge *e = &graph->edges[edge];
    e->end[side] = root;
    e->previous[side] = NO_EDGE;
    e->next[side] = vertex->first;
    if (vertex->first != NO_EDGE)
        graph->edges[vertex->first / 2].previous[vertex->first % 2] = 2 * edge + (uint32_t)side;
    vertex->first = 2 * edge + (uint32_t)side;
    vertex->degree++;
}

/* Removes a half-edge from the list of its root. */
static void unlink_half_edge(super_graph *graph, uint32_t edge, int side)
{
    super_edge *e = &graph->edges[edge];
    super_vertex *vertex = &graph->vertices[e->end[side]];
    uint32_t next = e->next[side], previous = e->previous[side];
    if (next != NO_EDGE)
        graph->edges[next / 2].previous[next % 2] = previous;
    if (previous != NO_EDGE)
        graph->edges[previous / 2].next[previous % 2] = next;
    else
        vertex->first = next;
    vertex->degree--;
}

/* Puts an edge on the list of gone edges. */
static void free_edge(super_graph *graph, uint32_t edge)
{
    graph->edges[edge].end[0] = NO_VERTEX;
    graph->edges[edge].next[0] = graph->unused;
    graph->unused = edge;
}

/* Sets *edge to the number of one more edge: that of a gone edge or, if there is none, a new one.
 */
static int take_edge(super_graph *graph, uint32_t *edge)
{
    if (graph->unused != NO_EDGE) {
        *edge = graph->unused;
        graph->unused = graph->edges[*edge].next[0];
        return MERGE_OK;
    }
    if (graph->num_edges == graph->capacity) {
        uint64_t capacity = graph->capacity ? graph->capacity + graph->capacity / 2 : 1024;
        if (capacity > MAX_EDGES)
            capacity = MAX_EDGES;
        if (graph->num_edges == capacity || capacity > SIZE_MAX / sizeof *graph->edges)
            return MERGE_OVERFLOW;
        super_edge *edges = realloc(graph->edges, (size_t)capacity * sizeof *edges);
        if (!edges)
            return MERGE_OUT_OF_MEMORY;
        graph->edges = edges;
        graph->capacity = capacity;
    }
    *edge = (uint32_t)graph->num_edges++;
    return MERGE_OK;
}

/* An edge_visitor: adds pixel edges to the edge between the super-vertices of their ends. */
static int add_pixel_edge(void *context, uint32_t u, uint32_t v, uint16_t affinity, pixel_edges sum)
{
    super_graph *graph = context;
    u = merge_super_graph_root(graph, u);
    v = merge_super_graph_root(graph, v);
    if (u == v)
        return MERGE_OK;
    uint32_t edge = merge_edge_index_find(&graph->index, u, v);
    if (edge == NO_EDGE) {
        int status = take_edge(graph, &edge);
        if (status != MERGE_OK)
            return status;
        graph->edges[edge] = (super_edge){.weight = NOT_WEIGHED};
        link_half_edge(graph, edge, 0, u);
        link_half_edge(graph, edge, 1, v);
        status = merge_edge_index_add(&graph->index, u, v, edge);
        if (status != MERGE_OK)
            return status;
    }
    add_affinity(&graph->edges[edge], affinity, sum, graph->linkage);
    return MERGE_OK;
}

int merge_super_graph_add_stage(super_graph *graph, const vertex_map *map, int32_t stage)
{
    int status = merge_for_each_pixel_edge(graph->problem, map, stage, add_pixel_edge, graph);
    if (status != MERGE_OK)
        return status;
    for (uint64_t part = 0, end; part < graph->num_edges; part = end) {
        end = end_of_part(part, graph->num_edges);
        if (must_stop(graph->problem))
            return MERGE_STOPPED;
        for (uint64_t i = part; i < end; i++) {
            super_edge *edge = &graph->edges[i];
            if (!super_edge_is_gone(edge) && edge->count > 0)
                weigh_edge(edge, graph->linkage);
        }
    }
    return MERGE_OK;
}

/* Moves a half-edge to the super-vertex that stays. If this one has an edge to the same neighbour
 * already, the two edges are joined; otherwise it inherits the edge. */
static int move_half_edge(super_graph *graph, uint32_t half, uint32_t stays)
{
    uint32_t edge = half / 2;
    int side = half % 2;
    uint32_t neighbour = graph->edges[edge].end[1 - side];
    merge_edge_index_remove(&graph->index, graph->edges[edge].end[side], neighbour);
    uint32_t twin = merge_edge_index_find(&graph->index, stays, neighbour);
    if (twin == NO_EDGE) {
        link_half_edge(graph, edge, side, stays);
        return merge_edge_index_add(&graph->index, stays, neighbour, edge);
    }
    super_edge *mine = &graph->edges[edge], *theirs = &graph->edges[twin];
    if (mine->weight > theirs->weight) {
        join_edge(mine, theirs, graph->linkage);
        unlink_half_edge(graph, twin, 0);
        unlink_half_edge(graph, twin, 1);
        free_edge(graph, twin);
        link_half_edge(graph, edge, side, stays);
        merge_edge_index_replace(&graph->index, stays, neighbour, edge);
    } else {
        join_edge(theirs, mine, graph->linkage);
        unlink_half_edge(graph, edge, 1 - side);
        free_edge(graph, edge);
    }
    return MERGE_OK;
}

int merge_super_graph_contract_edge(super_graph *graph, uint32_t edge)
{
    uint32_t stays = graph->edges[edge].end[0], goes = graph->edges[edge].end[1];
    if (graph->vertices[stays].degree < graph->vertices[goes].degree) {
        uint32_t other = stays;
        stays = goes;
        goes = other;
    }
    merge_edge_index_remove(&graph->index, stays, goes);
    unlink_half_edge(graph, edge, 0);
    unlink_half_edge(graph, edge, 1);
    free_edge(graph, edge);
    uint32_t half = graph->vertices[goes].first;
    while (half != NO_EDGE) {
        uint32_t next = graph->edges[half / 2].next[half % 2];
        int status = move_half_edge(graph, half, stays);
        if (status != MERGE_OK)
            return status;
        half = next;
    }
    super_vertex *kept = &graph->vertices[stays], *gone = &graph->vertices[goes];
    if (gone->name < kept->name)
        kept->name = gone->name;
    gone->into = stays;
    gone->first = NO_EDGE;
    return MERGE_OK;
}
