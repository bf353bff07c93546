#include "runs.h"

#include "background.h"

/* Finds the runs of a row and returns their number. root: the super-vertex of each vertex. */
static uint64_t runs_of_row(const graph *g, const uint32_t *root, int64_t row, run *runs)
{
    uint32_t width = (uint32_t)g->problem->shape[2], last = NO_VERTEX;
    const uint32_t *number = g->number + row * width;
    uint64_t count = 0;
    for (uint32_t x = (uint32_t)end_of_background(number, 0, width); x < width; x++) {
        uint32_t vertex = number[x] == NO_VERTEX ? NO_VERTEX : root[number[x]];
        if (vertex == last)
            continue;
        if (last != NO_VERTEX)
            runs[count - 1].end = x;
        if (vertex != NO_VERTEX)
            runs[count++] = (run){x, width, vertex};
        else
            x = (uint32_t)end_of_background(number, x, width) - 1;
        last = vertex;
    }
    return count;
}

int merge_runs_make(run_list *list, const graph *g, arena *memory)
{
    int64_t rows = g->problem->shape[0] * g->problem->shape[1];
    uint32_t *root = merge_arena_take_array(memory, (uint64_t)g->count + 1, sizeof *root);
    list->first = merge_arena_take_array(memory, (uint64_t)rows + 1, sizeof *list->first);
    list->runs = merge_arena_take_array(memory, (uint64_t)g->count + 1, sizeof *list->runs);
    if (!root || !list->first || !list->runs)
        return MERGE_OUT_OF_MEMORY;
    for (uint64_t part = 0, end; part < g->count; part = end) {
        end = end_of_part(part, g->count);
        if (must_stop(g->problem))
            return MERGE_STOPPED;
        for (uint64_t v = part; v < end; v++)
            root[v] = g->vertices[v].parent;
    }
    list->first[0] = 0;
    for (int64_t row = 0; row < rows; row++) {
        if (must_stop(g->problem))
            return MERGE_STOPPED;
        list->first[row + 1] =
            list->first[row] + runs_of_row(g, root, row, list->runs + list->first[row]);
    }
    return MERGE_OK;
}

/* Visits the meetings of row "from" with row "to" along an offset whose last component is dx. */
static int visit_row_meetings(const run_list *list, int64_t from, int64_t to, int64_t dx,
                              const uint16_t *affinities, int inner, meeting_visitor visit,
                              void *context)
{
    const run *here = list->runs + list->first[from],
              *here_end = list->runs + list->first[from + 1];
    const run *there = list->runs + list->first[to], *there_end = list->runs + list->first[to + 1];
    while (here < here_end && there < there_end) {
        int64_t begin = there->begin - dx, end = there->end - dx;
        int64_t low = begin > here->begin ? begin : here->begin;
        int64_t high = end < here->end ? end : here->end;
        /* One branch, because two would often be predicted wrongly. */
        if ((low < high) & ((here->vertex == there->vertex) == inner)) {
            run_meeting meeting = {here->vertex, there->vertex, affinities + low,
                                   (uint32_t)(high - low)};
            int status = visit(context, &meeting);
            if (status != MERGE_OK)
                return status;
        }
        int passed = end <= here->end;
        there += passed;
        here += !passed;
    }
    return MERGE_OK;
}

int merge_visit_meetings(const run_list *list, const merge_problem *problem, const run_walk *walk,
                         meeting_visitor visit, void *context)
{
    const int64_t *shape = problem->shape;
    int64_t pixels = shape[0] * shape[1] * shape[2];
    int status = MERGE_OK;
    for (int64_t row = walk->first_row; row < walk->end_row && status == MERGE_OK; row++) {
        if (must_stop(problem))
            return MERGE_STOPPED;
        for (int64_t k = 0; k < problem->num_channels && status == MERGE_OK; k++) {
            const int64_t *step = problem->offsets_or_ends + 3 * k;
            int64_t z = row / shape[1] + step[0], y = row % shape[1] + step[1];
            if ((walk->stage != ALL_STAGES && problem->stages[k] != walk->stage) || z < 0 ||
                z >= shape[0] || y < 0 || y >= shape[1])
                continue;
            const uint16_t *affinities = problem->affinities + k * pixels + row * shape[2];
            status = visit_row_meetings(list, row, z * shape[1] + y, step[2], affinities,
                                        walk->inner, visit, context);
        }
    }
    return status;
}
