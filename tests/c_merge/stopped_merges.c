/* stopped_merges COUNT LONGEST: stops the merges of COUNT random problems at many of their looks at
 * the stop flag.
 *
 * A merge that is stopped must return MERGE_STOPPED and free all its memory.
 */
#include <stdatomic.h>
#include <stdio.h>

#include "allocations.h"
#include "results.h"

static atomic_long looks; /* looks so far */
static long stops_at;     /* the number of the first look at which the merge must stop; 0: none */

int look_at_stop(const int32_t *stop)
{
    (void)stop;
    long look = atomic_fetch_add(&looks, 1) + 1;
    return stops_at != 0 && look >= stops_at;
}

int call_must_fail(void)
{
    return 0;
}

static int merge(int fast, const merge_case *made, merge_result *result)
{
    atomic_store(&looks, 0);
    return fast ? merge_fast(&made->problem, made->threads, &result->output)
                : merge_heap(&made->problem, &result->output);
}

/* Whether a merge that is stopped at a look ends with MERGE_STOPPED and frees its memory. */
static int stop_is_handled(int fast, const merge_case *made, long look)
{
    merge_result result = result_make(made);
    long before = unfreed_allocations();
    stops_at = look;
    int status = merge(fast, made, &result);
    stops_at = 0;
    long lost = unfreed_allocations() - before;
    if (status != MERGE_STOPPED || lost != 0)
        fprintf(stderr, "merge_%s, stopped at look %ld: status %d, %ld allocations not freed\n",
                fast ? "fast" : "heap", look, status, lost);
    result_free(&result);
    return status == MERGE_STOPPED && lost == 0;
}

/* Stops a merge at its first looks, and at later looks that are further and further apart. Returns
 * the number of stops that were tried, or -1 if the merge was wrong after one of them. */
static long count_handled_stops(int fast, const merge_case *made)
{
    merge_result result = result_make(made);
    int is_right = merge(fast, made, &result) == MERGE_OK;
    long all = atomic_load(&looks), tried = 0;
    for (long look = 1; is_right && look <= all; look += 1 + look / 16, tried++)
        is_right = stop_is_handled(fast, made, look);
    if (is_right && all > 0)
        is_right = stop_is_handled(fast, made, all);
    result_free(&result);
    return is_right ? tried : -1;
}

int main(int argc, char **argv)
{
    return try_random_problems(argc, argv, count_handled_stops, "stops");
}
