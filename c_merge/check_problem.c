/* A check of a problem fails only if the caller of the merge has made a mistake. */
#include "check_problem.h"

#include "stop.h"

static int check_shape(const merge_problem *problem)
{
    int64_t room = INT32_MAX; /* the most vertices, because labels are int32 */
    for (int axis = 0; axis < 3; axis++) {
        if (problem->shape[axis] < 1)
            return MERGE_BAD_ARGUMENT;
        if (problem->shape[axis] > room)
            return MERGE_OVERFLOW;
        room /= problem->shape[axis];
    }
    return MERGE_OK;
}

/* Whether an offset is lexicographically positive. Then no pixel edge occurs twice, once from each
 * of its ends. */
static int is_forward(const int64_t *offset)
{
    if (offset[0] != 0)
        return offset[0] > 0;
    return offset[1] != 0 ? offset[1] > 0 : offset[2] > 0;
}

static int joins_two_vertices(const int64_t *ends, int64_t count)
{
    return ends[0] >= 0 && ends[0] < count && ends[1] >= 0 && ends[1] < count && ends[0] != ends[1];
}

/* Whether the sums of explicit edges are possible, and not too many pixel edges in all. */
static int check_sums(const merge_problem *problem)
{
    int64_t room = MOST_PIXEL_EDGES;
    for (int64_t k = 0; k < problem->num_channels; k++) {
        int64_t total = problem->sums[2 * k], count = problem->sums[2 * k + 1];
        if (must_stop_at(problem, (uint64_t)k))
            return MERGE_STOPPED;
        if (count < 1 || count > room || total < 0 || total > 65535 * count)
            return MERGE_BAD_ARGUMENT;
        room -= count;
    }
    return MERGE_OK;
}

/* Whether all channels have a stage and an offset or two ends, and edges are in order of stage. */
static int check_channels(const merge_problem *problem)
{
    int64_t count = num_vertices_of(problem);
    for (int64_t k = 0; k < problem->num_channels; k++) {
        if (must_stop_at(problem, (uint64_t)k))
            return MERGE_STOPPED;
        if (problem->stages[k] < 0 || problem->stages[k] >= problem->num_stages)
            return MERGE_BAD_ARGUMENT;
        if (problem->is_grid && !is_forward(problem->offsets_or_ends + 3 * k))
            return MERGE_BAD_ARGUMENT;
        if (problem->is_grid)
            continue;
        if (!joins_two_vertices(problem->offsets_or_ends + 2 * k, count))
            return MERGE_BAD_ARGUMENT;
        if (k > 0 && problem->stages[k] < problem->stages[k - 1])
            return MERGE_BAD_ARGUMENT;
    }
    return MERGE_OK;
}

int merge_check_problem(const merge_problem *problem)
{
    int status = check_shape(problem);
    if (status != MERGE_OK)
        return status;
    if (problem->linkage < 0 || problem->linkage >= NUM_LINKAGES)
        return MERGE_BAD_ARGUMENT;
    if (problem->num_channels < 0 || problem->num_stages < 1)
        return MERGE_BAD_ARGUMENT;
    if (problem->sums && problem->is_grid)
        return MERGE_BAD_ARGUMENT;
    status = check_channels(problem);
    return status == MERGE_OK && problem->sums ? check_sums(problem) : status;
}

int64_t merge_first_edge_of_stage(const merge_problem *problem, int32_t stage)
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
