#include "results.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Returns an array filled with bytes 0xA5, so that the comparison finds entries that are never
 * written. */
static void *output_array(int64_t count, size_t size)
{
    size_t bytes = (size_t)count * size;
    void *array = malloc(bytes);
    if (!array && bytes > 0)
        abort();
    if (bytes > 0)
        memset(array, 0xA5, bytes);
    return array;
}

merge_result result_make(const merge_case *made)
{
    const int64_t *shape = made->problem.shape;
    merge_result result = {
        .labels = output_array(shape[0] * shape[1] * shape[2], sizeof *result.labels),
        .sizes = output_array(made->num_vertices, sizeof *result.sizes),
        .confidences = output_array(made->num_vertices, sizeof *result.confidences),
        .history = output_array(made->num_vertices, HISTORY_ROW_BYTES),
    };
    result.output.capacity = made->num_vertices;
    result.output.labels = result.labels;
    result.output.sizes = result.sizes;
    result.output.confidences = result.confidences;
    result.output.history = result.history;
    return result;
}

void result_free(merge_result *result)
{
    free(result->labels);
    free(result->sizes);
    free(result->confidences);
    free(result->history);
}

static int numbers_agree(const char *what, int64_t expected, int64_t got)
{
    if (expected == got)
        return 1;
    fprintf(stderr, "%s: %" PRId64 " is right, not %" PRId64 "\n", what, expected, got);
    return 0;
}

static int bytes_agree(const char *what, const void *expected, const void *got, int64_t count,
                       size_t size)
{
    for (int64_t i = 0; i < count; i++) {
        size_t at = (size_t)i * size;
        if (memcmp((const char *)expected + at, (const char *)got + at, size) != 0) {
            fprintf(stderr, "%s[%" PRId64 "] is wrong\n", what, i);
            return 0;
        }
    }
    return 1;
}

int results_agree(const merge_case *made, int expected_status, const merge_result *expected,
                  int status, const merge_result *result)
{
    const merge_output *right = &expected->output, *got = &result->output;
    const int64_t *shape = made->problem.shape;
    if (!numbers_agree("status", expected_status, status))
        return 0;
    if (status != MERGE_OK)
        return 1;
    return numbers_agree("num_merges", right->num_merges, got->num_merges) &&
           bytes_agree("history", right->history, got->history, right->num_merges,
                       HISTORY_ROW_BYTES) &&
           numbers_agree("num_segments", right->num_segments, got->num_segments) &&
           bytes_agree("labels", right->labels, got->labels, shape[0] * shape[1] * shape[2],
                       sizeof *right->labels) &&
           bytes_agree("sizes", right->sizes, got->sizes, right->num_segments,
                       sizeof *right->sizes) &&
           bytes_agree("confidences", right->confidences, got->confidences, right->num_segments,
                       sizeof *right->confidences);
}

static void print_case(const merge_case *made)
{
    static const char *const linkages[NUM_LINKAGES] = {"average", "weighted", "single", "complete"};
    const merge_problem *problem = &made->problem;
    fprintf(stderr,
            "in a %s%s of %" PRId64 " x %" PRId64 " x %" PRId64 " vertices, %" PRId64
            " channels, %" PRId32 " stages, linkage %s, %" PRId32 " threads\n",
            problem->is_grid ? "grid" : "graph", problem->sums ? " with counts" : "",
            problem->shape[0], problem->shape[1], problem->shape[2], problem->num_channels,
            problem->num_stages, linkages[problem->linkage], made->threads);
}

int merges_agree(const merge_case *made)
{
    merge_result expected = result_make(made), result = result_make(made);
    int expected_status = merge_heap(&made->problem, &expected.output);
    int status = merge_fast(&made->problem, made->threads, &result.output);
    int agree = results_agree(made, expected_status, &expected, status, &result);
    if (!agree)
        print_case(made);
    result_free(&expected);
    result_free(&result);
    return agree;
}

int try_random_problems(int argc, char **argv,
                        long (*count_tried)(int fast, const merge_case *made), const char *what)
{
    if (argc != 3) {
        fprintf(stderr, "usage: %s COUNT LONGEST\n", argv[0]);
        return 2;
    }
    uint64_t count = strtoull(argv[1], NULL, 10);
    long tried = 0;
    for (uint64_t number = 0; number < count; number++) {
        byte_source source = {.state = (number + 1) * 0x9E3779B97F4A7C15u};
        merge_case made = case_make(&source, strtoll(argv[2], NULL, 10));
        for (int fast = 0; fast < 2; fast++) {
            long more = count_tried(fast, &made);
            if (more < 0) {
                fprintf(stderr, "in random problem %" PRIu64 "\n", number);
                return 1;
            }
            tried += more;
        }
        case_free(&made);
    }
    printf("%ld %s: each was reported, and nothing leaked\n", tried, what);
    return 0;
}
