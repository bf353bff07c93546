#include "history.h"

#include "../history_row.h"

#define DIGIT_BITS 11
#define DIGITS (1u << DIGIT_BITS)
/* Tests define a smaller number, so that small problems use the radix sort. */
#ifndef FEW_ROWS
#define FEW_ROWS 512
#endif
#define PASSES 9 /* three digits for each of three keys; the most significant key comes last */

/* The digit of a row by which a pass of the radix sort orders the rows. */
static uint32_t digit_of(const merge_row *row, uint32_t pass)
{
    uint32_t key = pass < 3 ? row->b : pass < 6 ? row->a : (uint32_t)row->weight;
    return key >> (pass % 3 * DIGIT_BITS) & (DIGITS - 1);
}

/* Sorts rows in descending order of (weight, a, b), with a radix sort that skips a digit if all
 * rows have the same one. Returns the array that holds the result, rows or other, or NULL if the
 * merge must stop. "first" is scratch memory of PASSES * DIGITS entries. */
static merge_row *sort_rows(const merge_problem *problem, merge_row *rows, merge_row *other,
                            uint64_t count, uint64_t *first)
{
    memset(first, 0, PASSES * DIGITS * sizeof *first);
    for (uint64_t part = 0, end; part < count; part = end) {
        end = end_of_part(part, count);
        if (must_stop(problem))
            return NULL;
        for (uint64_t i = part; i < end; i++)
            for (uint32_t pass = 0; pass < PASSES; pass++)
                first[pass * DIGITS + digit_of(&rows[i], pass)]++;
    }
    for (uint32_t pass = 0; pass < PASSES && count > 0; pass++) {
        uint64_t *start = first + pass * DIGITS, next = 0;
        if (start[digit_of(&rows[0], pass)] == count)
            continue;
        for (uint32_t digit = DIGITS; digit-- > 0;) {
            uint64_t here = start[digit];
            start[digit] = next;
            next += here;
        }
        for (uint64_t part = 0, end; part < count; part = end) {
            end = end_of_part(part, count);
            if (must_stop(problem))
                return NULL;
            for (uint64_t i = part; i < end; i++)
                other[start[digit_of(&rows[i], pass)]++] = rows[i];
        }
        merge_row *sorted = other;
        other = rows;
        rows = sorted;
    }
    return rows;
}

static int is_before(const merge_row *one, const merge_row *other)
{
    if (one->weight != other->weight)
        return one->weight > other->weight;
    return one->a != other->a ? one->a > other->a : one->b > other->b;
}

/* Merges two sorted parts of an array, rows[first] to rows[middle - 1] and rows[middle] to
 * rows[end - 1], into "other" at the same place. */
static void merge_sorted_parts(const merge_row *rows, uint64_t first, uint64_t middle, uint64_t end,
                               merge_row *other)
{
    uint64_t left = first, right = middle;
    for (uint64_t to = first; to < end; to++) {
        int takes_right = left == middle || (right < end && is_before(&rows[right], &rows[left]));
        other[to] = rows[takes_right ? right++ : left++];
    }
}

/* Sorts few rows as sort_rows does, with a merge sort, which has no counters to clear. Returns the
 * array that holds the result, rows or other. */
static merge_row *sort_few_rows(merge_row *rows, merge_row *other, uint64_t count)
{
    for (uint64_t length = 1; length < count; length *= 2) {
        for (uint64_t first = 0; first < count; first += 2 * length) {
            uint64_t middle = first + length < count ? first + length : count;
            uint64_t end = middle + length < count ? middle + length : count;
            merge_sorted_parts(rows, first, middle, end, other);
        }
        merge_row *sorted = other;
        other = rows;
        rows = sorted;
    }
    return rows;
}

/* Sorts rows as sort_rows does. Sets *sorted to the result. Returns a merge_status. */
static int sort_few_or_many(const merge_problem *problem, merge_row *rows, merge_row *other,
                            uint64_t count, const merge_row **sorted)
{
    if (count <= FEW_ROWS) {
        *sorted = sort_few_rows(rows, other, count);
        return MERGE_OK;
    }
    arena scratch = {0};
    uint64_t *starts = merge_arena_take_array(&scratch, PASSES * DIGITS, sizeof *starts);
    if (starts)
        *sorted = sort_rows(problem, rows, other, count, starts);
    merge_arena_release(&scratch);
    if (!starts)
        return MERGE_OUT_OF_MEMORY;
    return *sorted ? MERGE_OK : MERGE_STOPPED;
}

merge_row *merge_rows_of_next_stage(const graph *g, const merge_output *output)
{
    return (merge_row *)((char *)output->history + HISTORY_ROW_BYTES * g->num_merges);
}

/* Writes sorted merges to the history, from row "first" on. Returns a merge_status. */
static int write_rows(const merge_problem *problem, const merge_row *rows, uint64_t count,
                      int32_t stage, uint64_t first, merge_output *output)
{
    for (uint64_t part = 0, end; part < count; part = end) {
        end = end_of_part(part, count);
        if (must_stop(problem))
            return MERGE_STOPPED;
        for (uint64_t i = part; i < end; i++) {
            merge_row row = rows[i];
            write_history_row(output, (int64_t)(first + i), stage, row.a, row.b,
                              weight_of(row.weight));
        }
    }
    return MERGE_OK;
}

/* The sorted rows are read from the upper half of the stage's part of the history. No row is
 * overwritten before it is read: with n vertices left, a stage has at most n - 1 merges, row i of
 * the history ends at byte 24 (i + 1) of this part, and row i + 1 of the upper half begins at byte
 * 12 (n + i + 1). */
int merge_write_history(const graph *g, int32_t stage, uint64_t first, merge_output *output)
{
    uint64_t count = g->num_merges - first, room = (uint64_t)output->capacity - first;
    merge_row *upper_half = g->merges + room;
    const merge_row *sorted;
    int status = sort_few_or_many(g->problem, g->merges, upper_half, count, &sorted);
    if (status != MERGE_OK)
        return status;
    if (sorted != upper_half)
        memcpy(upper_half, sorted, count * sizeof *sorted);
    return write_rows(g->problem, upper_half, count, stage, first, output);
}
