#include "problem_edges.h"

#include <stdlib.h>

#include "../stop.h"

/* Numbers the pixels in the mask, which is read once. */
static int number_pixels(vertex_map *map, const merge_problem *problem, int64_t count)
{
    map->count = 0;
    for (int64_t p = 0; p < count; p++) {
        if (must_stop_at(problem, (uint64_t)p))
            return MERGE_STOPPED;
        map->dense[p] = problem->mask[p] ? map->count++ : NO_VERTEX;
    }
    map->vertex_of = malloc(((size_t)map->count + 1) * sizeof *map->vertex_of);
    if (!map->vertex_of)
        return MERGE_OUT_OF_MEMORY;
    for (int64_t p = 0; p < count; p++) {
        if (must_stop_at(problem, (uint64_t)p))
            return MERGE_STOPPED;
        if (map->dense[p] != NO_VERTEX)
            map->vertex_of[map->dense[p]] = p;
    }
    return MERGE_OK;
}

int merge_vertex_map_make(vertex_map *map, const merge_problem *problem)
{
    int64_t count = num_vertices_of(problem);
    *map = (vertex_map){.count = (uint32_t)count};
    if (!problem->is_grid)
        return MERGE_OK;
    map->dense = malloc((size_t)count * sizeof *map->dense);
    int status = map->dense ? number_pixels(map, problem, count) : MERGE_OUT_OF_MEMORY;
    if (status != MERGE_OK)
        merge_vertex_map_free(map);
    return status;
}

void merge_vertex_map_free(vertex_map *map)
{
    free(map->dense);
    free(map->vertex_of);
    map->dense = NULL;
    map->vertex_of = NULL;
}

/* Sets the range first <= index < last of indices along an axis for which index + step is inside
 * the axis. The range is empty if the step is too long. */
static void range_inside_axis(int64_t length, int64_t step, int64_t *first, int64_t *last)
{
    *first = step < 0 ? (step <= -length ? length : -step) : 0;
    *last = step > 0 ? (step >= length ? 0 : length - step) : length;
}

/* The part of a row of pixels whose edges along an offset are visited between two looks at the stop
 * flag. */
typedef struct {
    int64_t first;
    int64_t end;
    int64_t jump; /* from a pixel to the other end of its edge */
} row_part;

static int visit_edges_of_part(const row_part *part, const uint16_t *affinity,
                               const vertex_map *map, edge_visitor visit, void *context)
{
    for (int64_t p = part->first; p < part->end; p++) {
        uint32_t u = map->dense[p], v = map->dense[p + part->jump];
        if (u == NO_VERTEX || v == NO_VERTEX)
            continue;
        int status = visit(context, u, v, affinity[p], (pixel_edges){affinity[p], 1});
        if (status != MERGE_OK)
            return status;
    }
    return MERGE_OK;
}

static int visit_edges_of_offset(const merge_problem *problem, const vertex_map *map,
                                 int64_t channel, edge_visitor visit, void *context)
{
    const int64_t *offset = problem->offsets_or_ends + 3 * channel;
    const uint16_t *affinity = problem->affinities + channel * num_vertices_of(problem);
    int64_t height = problem->shape[1], width = problem->shape[2];
    int64_t first[3], last[3];
    for (int axis = 0; axis < 3; axis++) {
        range_inside_axis(problem->shape[axis], offset[axis], &first[axis], &last[axis]);
        if (first[axis] >= last[axis])
            return MERGE_OK;
    }
    int64_t jump = (offset[0] * height + offset[1]) * width + offset[2];
    for (int64_t z = first[0]; z < last[0]; z++)
        for (int64_t y = first[1]; y < last[1]; y++) {
            int64_t row = (z * height + y) * width;
            for (int64_t x = first[2]; x < last[2]; x += STEPS_PER_LOOK) {
                int64_t rest = last[2] - x;
                row_part part = {row + x, row + x + (rest < STEPS_PER_LOOK ? rest : STEPS_PER_LOOK),
                                 jump};
                int status = must_stop(problem)
                                 ? MERGE_STOPPED
                                 : visit_edges_of_part(&part, affinity, map, visit, context);
                if (status != MERGE_OK)
                    return status;
            }
        }
    return MERGE_OK;
}

static pixel_edges sum_of_edge(const merge_problem *problem, int64_t edge)
{
    if (!problem->sums)
        return (pixel_edges){problem->affinities[edge], 1};
    return (pixel_edges){(uint64_t)problem->sums[2 * edge], (uint64_t)problem->sums[2 * edge + 1]};
}

int merge_for_each_pixel_edge(const merge_problem *problem, const vertex_map *map, int32_t stage,
                              edge_visitor visit, void *context)
{
    int status = MERGE_OK;
    if (problem->is_grid) {
        for (int64_t k = 0; k < problem->num_channels && status == MERGE_OK; k++)
            if (stage == ALL_STAGES || problem->stages[k] == stage)
                status = visit_edges_of_offset(problem, map, k, visit, context);
        return status;
    }
    int64_t k = stage == ALL_STAGES ? 0 : merge_first_edge_of_stage(problem, stage);
    int64_t end =
        stage == ALL_STAGES ? problem->num_channels : merge_first_edge_of_stage(problem, stage + 1);
    for (; k < end && status == MERGE_OK; k++) {
        const int64_t *ends = problem->offsets_or_ends + 2 * k;
        if (must_stop_at(problem, (uint64_t)k))
            return MERGE_STOPPED;
        status = visit(context, (uint32_t)ends[0], (uint32_t)ends[1], problem->affinities[k],
                       sum_of_edge(problem, k));
    }
    return status;
}
