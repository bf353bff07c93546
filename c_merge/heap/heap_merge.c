/* The greedy loop of Algorithm 1: while the heaviest edge reaches the threshold, merge its ends.
 *
 * The files, in the order in which to read them:
 *   heap_merge.c     the stages, and the greedy loop
 *   super_graph      super-vertices, the edges between them, and how two super-vertices are merged
 *   linkage.h        everything that depends on the linkage
 *   edge_index       a hash map from two super-vertices to the edge between them
 *   edge_heap        a binary heap of edges
 *   problem_edges    the pixel edges of a problem, and the numbers of its vertices
 *   segments         the results: labels, sizes and confidences
 *
 * An entry of the heap is stale if a merge has changed the weight of its edge or the name of one of
 * the ends. Such a change never raises the rank of an edge:
 *   - Two joined edges weigh at most as much as the heavier one. Rounding does not change this.
 *   - A merge can only make a name smaller, and a smaller name lowers the rank.
 * So a stale entry reaches the top too early, never too late. It is then replaced by an entry
 * with the present rank. Because ranks never rise, an edge below the threshold is left out of the
 * heap; and when two edges are joined, the entry of the heavier one is kept for both.
 */
#include "../history_row.h"
#include "../stop.h"
#include "edge_heap.h"
#include "segments.h"
#include "super_graph.h"

/* The heap entry of an edge with its present rank. */
static heap_entry present_entry(const super_graph *graph, uint32_t edge)
{
    const super_edge *e = &graph->edges[edge];
    uint32_t x = graph->vertices[e->end[0]].name, y = graph->vertices[e->end[1]].name;
    return merge_heap_entry_of(e->weight, x, y, edge);
}

/* Fills the heap with all edges that reach the threshold. */
static int fill_heap_with_edges(edge_heap *heap, const super_graph *graph, float threshold)
{
    uint64_t count = 0;
    for (uint64_t part = 0, end; part < graph->num_edges; part = end) {
        end = end_of_part(part, graph->num_edges);
        if (must_stop(graph->problem))
            return MERGE_STOPPED;
        for (uint64_t i = part; i < end; i++)
            count += !super_edge_is_gone(&graph->edges[i]) && graph->edges[i].weight >= threshold;
    }
    int status = merge_edge_heap_reserve(heap, count);
    if (status != MERGE_OK)
        return status;
    for (uint64_t part = 0, end; part < graph->num_edges; part = end) {
        end = end_of_part(part, graph->num_edges);
        if (must_stop(graph->problem))
            return MERGE_STOPPED;
        for (uint64_t i = part; i < end; i++)
            if (!super_edge_is_gone(&graph->edges[i]) && graph->edges[i].weight >= threshold)
                merge_edge_heap_append(heap, present_entry(graph, (uint32_t)i));
    }
    return merge_edge_heap_order(heap, graph->problem);
}

static void record_merge(const super_graph *graph, const vertex_map *map, uint32_t edge,
                         int32_t stage, merge_output *output)
{
    const super_edge *e = &graph->edges[edge];
    uint32_t x = graph->vertices[e->end[0]].name, y = graph->vertices[e->end[1]].name;
    int64_t a = x < y ? x : y, b = x < y ? y : x;
    if (map->vertex_of) {
        a = map->vertex_of[a];
        b = map->vertex_of[b];
    }
    write_history_row(output, output->num_merges++, stage, a, b, e->weight);
}

/* Contracts the heaviest edge until no edge reaches the threshold. */
static int run_stage(super_graph *graph, edge_heap *heap, const vertex_map *map, int32_t stage,
                     float threshold, merge_output *output)
{
    int status = fill_heap_with_edges(heap, graph, threshold);
    uint64_t step = 0;
    while (status == MERGE_OK && heap->count > 0) {
        const heap_entry *top = heap->entries;
        uint32_t edge = top->edge;
        if (must_stop_at(graph->problem, step++))
            return MERGE_STOPPED;
        if (super_edge_is_gone(&graph->edges[edge])) {
            merge_edge_heap_pop(heap);
            continue;
        }
        heap_entry present = present_entry(graph, edge);
        if (!merge_heap_entries_equal(&present, top)) {
            if (graph->edges[edge].weight >= threshold)
                merge_edge_heap_replace_top(heap, present);
            else
                merge_edge_heap_pop(heap);
            continue;
        }
        if (must_stop(graph->problem))
            return MERGE_STOPPED;
        merge_edge_heap_pop(heap);
        record_merge(graph, map, edge, stage, output);
        status = merge_super_graph_contract_edge(graph, edge);
    }
    return status;
}

static int run_stages(const merge_problem *problem, const vertex_map *map, super_graph *graph,
                      merge_output *output)
{
    edge_heap heap = {0};
    int status = MERGE_OK;
    for (int32_t stage = 0; stage < problem->num_stages && status == MERGE_OK; stage++) {
        status = merge_super_graph_add_stage(graph, map, stage);
        if (status == MERGE_OK)
            status = run_stage(graph, &heap, map, stage, problem->thresholds[stage], output);
    }
    merge_edge_heap_free(&heap);
    return status;
}

int merge_heap(const merge_problem *problem, merge_output *output)
{
    output->num_segments = 0;
    output->num_merges = 0;
    int status = merge_check_problem(problem);
    if (status != MERGE_OK)
        return status;
    vertex_map map;
    status = merge_vertex_map_make(&map, problem);
    if (status != MERGE_OK)
        return status;
    super_graph graph;
    status = map.count > output->capacity ? MERGE_BAD_ARGUMENT
                                          : merge_super_graph_make(&graph, map.count, problem);
    if (status == MERGE_OK) {
        status = run_stages(problem, &map, &graph, output);
        if (status == MERGE_OK)
            status = merge_heap_write_segments(&graph, problem, &map, output);
        merge_super_graph_free(&graph);
    }
    merge_vertex_map_free(&map);
    return status;
}
