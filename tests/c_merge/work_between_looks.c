/* work_between_looks LENGTH WORK: counts the work between two looks at the stop flag.
 *
 * Merges ladders: two columns of LENGTH pixels, as a grid and as explicit edges, in two stages,
 * with each linkage, on one and on three threads. A segment of a ladder has few neighbours, and a
 * row has two pixels. So between two looks there may be at most WORK basic blocks of the merge,
 * whatever the length: a loop over all vertices or edges without a look exceeds this. The compiler
 * calls
 * __sanitizer_cov_trace_pc at the beginning of each basic block.
 */
#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "results.h"

#define NUM_OFFSETS 5

#define UNCOUNTED __attribute__((no_sanitize_coverage))

static const int64_t offsets[NUM_OFFSETS][3] = {
    {0, 0, 1}, {0, 1, 0}, {0, 1, 1}, {0, 3, 0}, {0, 5, -1}};
static const int32_t stage_of[NUM_OFFSETS] = {0, 0, 0, 1, 1};
static float thresholds[2] = {0.6f, 0.4f};

static atomic_llong most_work; /* the most blocks that one thread ran between two looks */
static _Thread_local long long work;
static long long most_of_all; /* the largest most_work of all merges */

void __sanitizer_cov_trace_pc(void);

UNCOUNTED void __sanitizer_cov_trace_pc(void)
{
    work++;
}

UNCOUNTED int look_at_stop(const int32_t *stop)
{
    (void)stop;
    long long most = atomic_load(&most_work);
    while (work > most && !atomic_compare_exchange_weak(&most_work, &most, work))
        ;
    work = 0;
    return 0;
}

static void *array_of(int64_t count, size_t size)
{
    void *array = calloc((size_t)count, size);
    if (!array)
        abort();
    return array;
}

static uint16_t draw_affinity(uint64_t *state)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (uint16_t)(*state >> 48);
}

static merge_case grid_ladder(int64_t length)
{
    int64_t pixels = 2 * length;
    merge_case made = {.num_vertices = pixels};
    uint64_t state = 1;
    made.offsets_or_ends = array_of(3 * NUM_OFFSETS, sizeof *made.offsets_or_ends);
    made.stages = array_of(NUM_OFFSETS, sizeof *made.stages);
    made.affinities = array_of(NUM_OFFSETS * pixels, sizeof *made.affinities);
    made.mask = array_of(pixels, sizeof *made.mask);
    for (int64_t k = 0; k < NUM_OFFSETS; k++) {
        made.stages[k] = stage_of[k];
        for (int axis = 0; axis < 3; axis++)
            made.offsets_or_ends[3 * k + axis] = offsets[k][axis];
    }
    for (int64_t i = 0; i < NUM_OFFSETS * pixels; i++)
        made.affinities[i] = draw_affinity(&state);
    for (int64_t p = 0; p < pixels; p++)
        made.mask[p] = 1;
    made.problem =
        (merge_problem){.is_grid = 1, .shape = {1, length, 2}, .num_channels = NUM_OFFSETS};
    return made;
}

static merge_case listed_ladder(int64_t length)
{
    merge_case made = {.num_vertices = 2 * length};
    uint64_t state = 2;
    int64_t most = NUM_OFFSETS * 2 * length, count = 0;
    made.offsets_or_ends = array_of(2 * most, sizeof *made.offsets_or_ends);
    made.stages = array_of(most, sizeof *made.stages);
    made.affinities = array_of(most, sizeof *made.affinities);
    made.sums = array_of(2 * most, sizeof *made.sums);
    for (int64_t k = 0; k < NUM_OFFSETS; k++)
        for (int64_t p = 0; p < 2 * length; p++) {
            int64_t y = p / 2 + offsets[k][1], x = p % 2 + offsets[k][2];
            if (x < 0 || x > 1 || y >= length)
                continue;
            made.offsets_or_ends[2 * count] = p;
            made.offsets_or_ends[2 * count + 1] = 2 * y + x;
            made.stages[count] = stage_of[k];
            made.affinities[count] = draw_affinity(&state);
            made.sums[2 * count] = made.affinities[count];
            made.sums[2 * count + 1] = 1;
            count++;
        }
    made.problem = (merge_problem){.shape = {1, 1, 2 * length}, .num_channels = count};
    return made;
}

/* Whether the work between two looks of a merge is at most "allowed". Prints it otherwise. */
static int work_is_bounded(int fast, const merge_case *made, long long allowed)
{
    merge_result result = result_make(made);
    atomic_store(&most_work, 0);
    work = 0;
    int status = fast ? merge_fast(&made->problem, made->threads, &result.output)
                      : merge_heap(&made->problem, &result.output);
    look_at_stop(NULL); /* the end of the merge */
    long long most = atomic_load(&most_work);
    int is_right = status == MERGE_OK && most <= allowed;
    most_of_all = most > most_of_all ? most : most_of_all;
    if (!is_right)
        fprintf(stderr,
                "merge_%s, %s, linkage %" PRId32 ", %" PRId32 " threads: status %d, %lld blocks\n",
                fast ? "fast" : "heap", made->problem.is_grid ? "grid" : "graph",
                made->problem.linkage, made->threads, status, most);
    result_free(&result);
    return is_right;
}

static int ladders_are_bounded(merge_case made, long long allowed)
{
    int is_right = 1;
    made.problem.num_stages = 2;
    made.problem.offsets_or_ends = made.offsets_or_ends;
    made.problem.stages = made.stages;
    made.problem.affinities = made.affinities;
    made.problem.mask = made.mask;
    made.problem.thresholds = thresholds;
    made.problem.sums = made.sums;
    for (int32_t linkage = 0; linkage < NUM_LINKAGES; linkage++) {
        made.problem.linkage = linkage;
        is_right &= work_is_bounded(0, &made, allowed);
        for (made.threads = 1; made.threads <= 3; made.threads += 2)
            is_right &= work_is_bounded(1, &made, allowed);
    }
    case_free(&made);
    return is_right;
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        fprintf(stderr, "usage: %s LENGTH WORK\n", argv[0]);
        return 2;
    }
    int64_t length = strtoll(argv[1], NULL, 10);
    long long allowed = strtoll(argv[2], NULL, 10);
    int is_right = ladders_are_bounded(grid_ladder(length), allowed);
    is_right &= ladders_are_bounded(listed_ladder(length), allowed);
    printf("at most %lld basic blocks between two looks, with %" PRId64 " vertices\n", most_of_all,
           2 * length);
    return !is_right;
}
