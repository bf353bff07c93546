#include "history.h"

#include "../history_row.h"

#define DIGIT_BITS 11
#define DIGITS (1u << DIGIT_BITS)
/* Tests define a smaller number, so that small problems use the radix sort. */
#ifndef FEW_ROWS
#define FEW_ROWS 512
#endif
#define PASSES 3 /* digits of a key */
/* Up to so many rows of the same weight are sorted by insertion, more than MANY_TIES with a radix
 * sort. Tests define smaller numbers. */
#ifndef FEW_TIES
#define FEW_TIES 24
#define MANY_TIES 1024
#endif

/* The key by which a sort orders rows. */
typedef enum { BY_WEIGHT, BY_A, BY_B } row_key;

/* Rows to sort, with room for as many, and the counters of a radix sort. */
typedef struct {
    const merge_problem *problem;
    merge_row *rows;
    merge_row *other;
    uint64_t count;
    uint64_t *first; /* PASSES * DIGITS entries */
} row_sort;

/* The digit of a row by which a pass of the radix sort orders the rows. "key" is a constant. */
INLINE uint32_t digit_of(const merge_row *row, row_key key, uint32_t pass)
{
    uint32_t value = key == BY_B ? row->b : key == BY_A ? row->a : (uint32_t)row->weight;
    return value >> (pass * DIGIT_BITS) & (DIGITS - 1);
}

static int is_before(const merge_row *one, const merge_row *other)
{
    if (one->weight != other->weight)
        return one->weight > other->weight;
    return one->a != other->a ? one->a > other->a : one->b > other->b;
}

/* Counts the rows with each digit, in each pass. */
INLINE int count_digits(const row_sort *sort, row_key key)
{
    memset(sort->first, 0, PASSES * DIGITS * sizeof *sort->first);
    for (uint64_t part = 0, end; part < sort->count; part = end) {
        end = end_of_part(part, sort->count);
        if (must_stop(sort->problem))
            return MERGE_STOPPED;
        for (uint64_t i = part; i < end; i++)
            for (uint32_t pass = 0; pass < PASSES; pass++)
                sort->first[pass * DIGITS + digit_of(&sort->rows[i], key, pass)]++;
    }
    return MERGE_OK;
}

/* Sorts rows in descending order of a key, with a radix sort that skips a digit if all rows have
 * the same one. Rows with the same key stay in order. Afterwards, sort->rows holds the result, in
 * one of the two arrays. */
INLINE int sort_by_key(row_sort *sort, row_key key)
{
    int status = count_digits(sort, key);
    for (uint32_t pass = 0; pass < PASSES && status == MERGE_OK; pass++) {
        uint64_t *start = sort->first + pass * DIGITS, next = 0;
        if (start[digit_of(&sort->rows[0], key, pass)] == sort->count)
            continue;
        for (uint32_t digit = DIGITS; digit-- > 0;) {
            uint64_t here = start[digit];
            start[digit] = next;
            next += here;
        }
        for (uint64_t part = 0, end; part < sort->count; part = end) {
            end = end_of_part(part, sort->count);
            if (must_stop(sort->problem))
                return MERGE_STOPPED;
            for (uint64_t i = part; i < end; i++)
                sort->other[start[digit_of(&sort->rows[i], key, pass)]++] = sort->rows[i];
        }
        merge_row *sorted = sort->other;
        sort->other = sort->rows;
        sort->rows = sorted;
    }
    return status;
}

static void sort_by_insertion(merge_row *rows, uint64_t count)
{
    for (uint64_t i = 1; i < count; i++) {
        merge_row row = rows[i];
        uint64_t at = i;
        for (; at > 0 && is_before(&row, &rows[at - 1]); at--)
            rows[at] = rows[at - 1];
        rows[at] = row;
    }
}

/* Merges two neighbouring sorted parts of rows, the first "middle" rows and the rest, to "to". */
static void merge_parts(const merge_row *rows, uint64_t middle, uint64_t count, merge_row *to)
{
    for (uint64_t left = 0, right = middle, i = 0; i < count; i++) {
        int takes_left = right == count || (left < middle && !is_before(&rows[right], &rows[left]));
        to[i] = takes_left ? rows[left++] : rows[right++];
    }
}

/* Sorts rows by insertion in parts of FEW_TIES, and merges the parts. Afterwards, sort->rows holds
 * the result, in one of the two arrays. */
static void sort_by_merging(row_sort *sort)
{
    for (uint64_t first = 0; first < sort->count; first += FEW_TIES) {
        uint64_t rest = sort->count - first;
        sort_by_insertion(sort->rows + first, rest < FEW_TIES ? rest : FEW_TIES);
    }
    for (uint64_t width = FEW_TIES; width < sort->count; width *= 2) {
        for (uint64_t first = 0; first < sort->count; first += 2 * width) {
            uint64_t rest = sort->count - first, both = rest < 2 * width ? rest : 2 * width;
            merge_parts(sort->rows + first, both < width ? both : width, both, sort->other + first);
        }
        merge_row *sorted = sort->other;
        sort->other = sort->rows;
        sort->rows = sorted;
    }
}

/* Sorts the rows begin .. end - 1, which have the same weight, by their names. */
static int sort_ties(const row_sort *sort, uint64_t begin, uint64_t end)
{
    row_sort ties = *sort;
    ties.rows += begin;
    ties.other += begin;
    ties.count = end - begin;
    int status = MERGE_OK;
    if (ties.count <= MANY_TIES) {
        sort_by_merging(&ties);
    } else {
        status = sort_by_key(&ties, BY_B);
        if (status == MERGE_OK)
            status = sort_by_key(&ties, BY_A);
    }
    if (ties.rows != sort->rows + begin)
        memcpy(sort->rows + begin, ties.rows, ties.count * sizeof *ties.rows);
    return status;
}

/* Sorts rows in descending order of (weight, a, b): first by weight alone, because mostly few rows
 * have the same weight. */
static int sort_rows(row_sort *sort)
{
    int status = sort_by_key(sort, BY_WEIGHT);
    for (uint64_t begin = 0, end; begin < sort->count && status == MERGE_OK; begin = end) {
        end = begin + 1;
        for (; end < sort->count && sort->rows[end].weight == sort->rows[begin].weight; end++)
            if (must_stop_at(sort->problem, end))
                return MERGE_STOPPED;
        if (must_stop(sort->problem))
            return MERGE_STOPPED;
        status = sort_ties(sort, begin, end);
    }
    return status;
}

/* The number of rows at the beginning that are in order. If the merge must stop, it may be less. */
static uint64_t rows_in_order(const merge_problem *problem, const merge_row *rows, uint64_t count)
{
    for (uint64_t i = 1; i < count; i++)
        if (must_stop_at(problem, i) || is_before(&rows[i], &rows[i - 1]))
            return i;
    return count;
}

/* Sorts rows in descending order of (weight, a, b). Few rows are merged, because the counters of
 * the radix sort would take longer to clear. Sets *sorted to the array that holds the
 * result, rows or other. Returns a merge_status. */
static int sort_few_or_many(const merge_problem *problem, merge_row *rows, merge_row *other,
                            uint64_t count, const merge_row **sorted)
{
    row_sort sort = {.problem = problem, .rows = rows, .other = other, .count = count};
    *sorted = rows;
    if (rows_in_order(problem, rows, count) == count)
        return MERGE_OK;
    if (count <= FEW_ROWS) {
        sort_by_merging(&sort);
        *sorted = sort.rows;
        return MERGE_OK;
    }
    arena scratch = {0};
    sort.first = merge_arena_take_array(&scratch, PASSES * DIGITS, sizeof *sort.first);
    int status = sort.first ? sort_rows(&sort) : MERGE_OUT_OF_MEMORY;
    merge_arena_release(&scratch);
    *sorted = sort.rows;
    return status;
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
