#include "outcome.h"

#include "runs.h"

#define DIGIT_BITS 11
#define DIGITS (1u << DIGIT_BITS)
#define PASSES 9 /* three digits for each of three keys, the last key the gravest */

static uint32_t digit_of(const merge_row *row, int pass)
{
    uint32_t key = pass < 3 ? row->b : pass < 6 ? row->a : (uint32_t)row->weight;
    return key >> (pass % 3 * DIGIT_BITS) & (DIGITS - 1);
}

/* Descending by (weight, a, b): a radix sort, without the passes in which all rows are equal. */
static merge_row *sort_rows(merge_row *rows, merge_row *other, uint64_t count, uint64_t *first)
{
    memset(first, 0, PASSES * DIGITS * sizeof *first);
    for (uint64_t i = 0; i < count; i++)
        for (int pass = 0; pass < PASSES; pass++)
            first[pass * DIGITS + digit_of(&rows[i], pass)]++;
    for (int pass = 0; pass < PASSES && count > 0; pass++) {
        uint64_t *place = first + pass * DIGITS, next = 0;
        if (place[digit_of(&rows[0], pass)] == count)
            continue;
        for (uint32_t digit = DIGITS; digit-- > 0;) {
            uint64_t here = place[digit];
            place[digit] = next;
            next += here;
        }
        for (uint64_t i = 0; i < count; i++)
            other[place[digit_of(&rows[i], pass)]++] = rows[i];
        merge_row *sorted = other;
        other = rows;
        rows = sorted;
    }
    return rows;
}

static void write_row(char *row, int32_t stage, const merge_row *merge)
{
    int64_t a = merge->a, b = merge->b;
    float weight = weight_of(merge->weight);
    memcpy(row, &stage, sizeof stage);
    memcpy(row + 4, &a, sizeof a);
    memcpy(row + 12, &b, sizeof b);
    memcpy(row + 20, &weight, sizeof weight);
}

int history_write(const graph *g, int32_t stage, uint64_t first, merge_output *output)
{
    arena scratch = {0};
    uint64_t count = g->num_merges - first;
    merge_row *other = arena_take_array(&scratch, count, sizeof *other);
    uint64_t *places = arena_take_array(&scratch, PASSES * DIGITS, sizeof *places);
    if (other && places) {
        const merge_row *rows = sort_rows(g->merges + first, other, count, places);
        char *row = (char *)output->history + first * HISTORY_ROW_BYTES;
        for (uint64_t i = 0; i < count; i++)
            write_row(row + i * HISTORY_ROW_BYTES, stage, &rows[i]);
    }
    arena_release(&scratch);
    return other && places ? MERGE_OK : MERGE_OUT_OF_MEMORY;
}

/* Segments are numbered by their first vertex, from 0: parents become segments. */
static void number_segments(graph *g, merge_output *output)
{
    const int64_t *shape = g->problem->shape;
    vertex_state *all = g->vertices;
    int64_t count = 0;
    for (uint32_t v = 0; v < g->count; v++) {
        all[v].mark = NO_VERTEX;
        g->vertices[v].name = root_of(g, v);
    }
    for (int64_t p = 0; p < shape[0] * shape[1] * shape[2]; p++) {
        uint32_t vertex = g->number ? g->number[p] : (uint32_t)p;
        output->labels[p] = 0;
        if (vertex == NO_VERTEX)
            continue;
        uint32_t root = g->vertices[vertex].name;
        if (all[root].mark == NO_VERTEX) {
            output->sizes[count] = 0;
            all[root].mark = (uint32_t)count++;
        }
        all[vertex].parent = all[root].mark;
        output->sizes[all[root].mark]++;
        output->labels[p] = (int32_t)all[root].mark + 1;
    }
    output->num_segments = count;
}

static int add_meeting(void *context, const run_meeting *meeting)
{
    wide_sum *sum = (wide_sum *)context + meeting->u;
    sum->total += meeting_total(meeting);
    sum->count += meeting->length;
    return MERGE_OK;
}

static int sum_grid_edges(graph *g, arena *scratch, wide_sum *sums)
{
    run_list list;
    int status = runs_make(&list, g, scratch);
    for (int64_t k = 0; k < g->problem->num_channels && status == MERGE_OK; k++)
        status = runs_meet(&list, g->problem, k, 1, add_meeting, sums);
    return status;
}

static void sum_listed_edges(const graph *g, wide_sum *sums)
{
    for (int64_t k = 0; k < g->problem->num_channels; k++) {
        const int64_t *ends = g->problem->offsets_or_ends + 2 * k;
        if (g->vertices[ends[0]].parent == g->vertices[ends[1]].parent) {
            sums[g->vertices[ends[0]].parent].total += g->problem->affinities[k];
            sums[g->vertices[ends[0]].parent].count++;
        }
    }
}

static int write_confidences(graph *g, arena *scratch, merge_output *output)
{
    wide_sum *sums = arena_take_array(scratch, (uint64_t)output->num_segments, sizeof *sums);
    int status = sums ? MERGE_OK : MERGE_OUT_OF_MEMORY;
    if (sums)
        memset(sums, 0, (size_t)output->num_segments * sizeof *sums);
    if (sums && g->problem->is_grid)
        status = sum_grid_edges(g, scratch, sums);
    else if (sums)
        sum_listed_edges(g, sums);
    for (int64_t s = 0; status == MERGE_OK && s < output->num_segments; s++)
        output->confidences[s] =
            sums[s].count == 0 ? 0.0
                               : (double)sums[s].total / (double)(65535 * sums[s].count);
    return status;
}

int segments_write(graph *g, merge_output *output)
{
    arena scratch = {0};
    number_segments(g, output);
    int status = write_confidences(g, &scratch, output);
    arena_release(&scratch);
    return status;
}
