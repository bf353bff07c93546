#include "segments.h"

#include <stdlib.h>

typedef struct {
    uint64_t total;
    uint64_t count;
} affinity_sum;

typedef struct {
    const uint32_t *segment_of; /* of each dense vertex, from 0 */
    affinity_sum *sums;
} inner_edges;

/* An edge_visitor: confidence is the mean of the pixel edges with both ends in the segment. */
static int add_if_inner(void *context, uint32_t u, uint32_t v, uint16_t affinity)
{
    inner_edges *inner = context;
    uint32_t segment = inner->segment_of[u];
    if (segment == inner->segment_of[v]) {
        inner->sums[segment].total += affinity;
        inner->sums[segment].count++;
    }
    return MERGE_OK;
}

/* Numbers segments in the order of their first vertex, from 0; of_slot is room to work in. */
static uint32_t number_segments(super_graph *graph, uint32_t *segment_of, uint32_t *of_slot,
                                int64_t *sizes)
{
    uint32_t count = 0;
    for (uint32_t v = 0; v < graph->num_vertices; v++)
        of_slot[v] = NONE;
    for (uint32_t v = 0; v < graph->num_vertices; v++) {
        uint32_t slot = super_graph_find(graph, v);
        if (of_slot[slot] == NONE) {
            sizes[count] = 0;
            of_slot[slot] = count++;
        }
        segment_of[v] = of_slot[slot];
        sizes[segment_of[v]]++;
    }
    return count;
}

static int write_confidences(const merge_problem *problem, const vertex_map *map,
                             const uint32_t *segment_of, uint32_t num_segments, double *confidences)
{
    affinity_sum *sums = calloc((size_t)num_segments + 1, sizeof *sums);
    if (!sums)
        return MERGE_OUT_OF_MEMORY;
    inner_edges inner = {segment_of, sums};
    int status = for_each_pixel_edge(problem, map, ALL_STAGES, add_if_inner, &inner);
    for (uint32_t s = 0; s < num_segments; s++)
        confidences[s] =
            sums[s].count == 0 ? 0.0 : (double)sums[s].total / (double)(65535 * sums[s].count);
    free(sums);
    return status;
}

int write_segments(super_graph *graph, const merge_problem *problem, const vertex_map *map,
                   merge_output *output)
{
    size_t room = (size_t)graph->num_vertices + 1;
    uint32_t *segment_of = malloc(room * sizeof *segment_of);
    uint32_t *of_slot = malloc(room * sizeof *of_slot);
    int status = segment_of && of_slot ? MERGE_OK : MERGE_OUT_OF_MEMORY;
    if (status == MERGE_OK) {
        uint32_t count = number_segments(graph, segment_of, of_slot, output->sizes);
        output->num_segments = count;
        status = write_confidences(problem, map, segment_of, count, output->confidences);
    }
    if (status == MERGE_OK) {
        int64_t num_labels = num_vertices_of(problem);
        for (int64_t p = 0; p < num_labels; p++) {
            uint32_t v = map->dense ? map->dense[p] : (uint32_t)p;
            output->labels[p] = v == NONE ? 0 : (int32_t)segment_of[v] + 1;
        }
    }
    free(segment_of);
    free(of_slot);
    return status;
}
