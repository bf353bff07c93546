#include "segments.h"

#include <stdlib.h>
#include <string.h>

#include "../stop.h"

#define NO_SEGMENT UINT32_MAX

typedef struct {
    const uint32_t *segment_of; /* the segment of each dense vertex; segments count from 0 */
    pixel_edges *sums;
} inner_edges;

/* An edge_visitor: if both ends of an edge are in one segment, adds its pixel edges to the sum of
 * the segment. The confidence of a segment is the mean of these affinities. */
static int add_if_inner(void *context, uint32_t u, uint32_t v, uint16_t affinity, pixel_edges sum)
{
    inner_edges *inner = context;
    (void)affinity;
    uint32_t segment = inner->segment_of[u];
    if (segment == inner->segment_of[v]) {
        inner->sums[segment].total += sum.total;
        inner->sums[segment].count += sum.count;
    }
    return MERGE_OK;
}

/* Numbers the segments from 0 in the order of their first vertices, and counts their vertices.
 * Sets output->num_segments. of_root is scratch memory. Returns a merge_status. */
static int number_segments(super_graph *graph, uint32_t *segment_of, uint32_t *of_root,
                           merge_output *output)
{
    uint32_t count = 0;
    int64_t *sizes = output->sizes;
    memset(of_root, 0xff, graph->num_vertices * sizeof *of_root); /* NO_SEGMENT */
    for (uint32_t v = 0; v < graph->num_vertices; v++) {
        if (must_stop_at(graph->problem, v))
            return MERGE_STOPPED;
        uint32_t root = merge_super_graph_root(graph, v);
        if (of_root[root] == NO_SEGMENT) {
            sizes[count] = 0;
            of_root[root] = count++;
        }
        segment_of[v] = of_root[root];
        sizes[segment_of[v]]++;
    }
    output->num_segments = count;
    return MERGE_OK;
}

static int write_confidences(const merge_problem *problem, const vertex_map *map,
                             const uint32_t *segment_of, merge_output *output)
{
    pixel_edges *sums = calloc((size_t)output->num_segments + 1, sizeof *sums);
    if (!sums)
        return MERGE_OUT_OF_MEMORY;
    inner_edges inner = {segment_of, sums};
    int status = merge_for_each_pixel_edge(problem, map, ALL_STAGES, add_if_inner, &inner);
    for (int64_t s = 0; s < output->num_segments && status == MERGE_OK; s++) {
        output->confidences[s] =
            sums[s].count == 0 ? 0.0 : (double)sums[s].total / (double)(65535 * sums[s].count);
        status = must_stop_at(problem, (uint64_t)s) ? MERGE_STOPPED : MERGE_OK;
    }
    free(sums);
    return status;
}

static int write_labels(const merge_problem *problem, const vertex_map *map,
                        const uint32_t *segment_of, int32_t *labels)
{
    int64_t num_labels = num_vertices_of(problem);
    for (int64_t p = 0; p < num_labels; p++) {
        if (must_stop_at(problem, (uint64_t)p))
            return MERGE_STOPPED;
        uint32_t v = map->dense ? map->dense[p] : (uint32_t)p;
        labels[p] = v == NO_VERTEX ? 0 : (int32_t)segment_of[v] + 1;
    }
    return MERGE_OK;
}

int merge_heap_write_segments(super_graph *graph, const merge_problem *problem,
                              const vertex_map *map, merge_output *output)
{
    size_t room = (size_t)graph->num_vertices + 1;
    uint32_t *segment_of = malloc(room * sizeof *segment_of);
    uint32_t *of_root = malloc(room * sizeof *of_root);
    int status = segment_of && of_root ? MERGE_OK : MERGE_OUT_OF_MEMORY;
    if (status == MERGE_OK)
        status = number_segments(graph, segment_of, of_root, output);
    if (status == MERGE_OK)
        status = write_confidences(problem, map, segment_of, output);
    if (status == MERGE_OK)
        status = write_labels(problem, map, segment_of, output->labels);
    free(segment_of);
    free(of_root);
    return status;
}
