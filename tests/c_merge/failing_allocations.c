/* failing_allocations COUNT LONGEST: merges COUNT random problems again and again; each time
 * another allocation, or the creation of another thread, fails.
 *
 * After a failed allocation the merge must return MERGE_OUT_OF_MEMORY and free all its memory.
 */
#include <stdatomic.h>
#include <stdio.h>

#include "allocations.h"
#include "results.h"

static atomic_long calls;        /* calls so far of functions that may fail */
static long first_failing_call;  /* the number of the call that fails; 0: no call fails */
static int all_later_calls_fail; /* whether all later calls fail as well */

int call_must_fail(void)
{
    long call = atomic_fetch_add(&calls, 1) + 1;
    return first_failing_call != 0 &&
           (all_later_calls_fail ? call >= first_failing_call : call == first_failing_call);
}

static int merge(int fast, const merge_case *made, merge_result *result)
{
    return fast ? merge_fast(&made->problem, made->threads, &result->output)
                : merge_heap(&made->problem, &result->output);
}

/* Whether the merge is right if the given call fails. all: all later calls fail as well. Sets
 * *ended if the merge makes fewer calls than that. */
static int one_failure_is_handled(int fast, const merge_case *made, const merge_result *expected,
                                  long call, int all, int *ended)
{
    merge_result result = result_make(made);
    long before = unfreed_allocations(), failed_before = failed_allocations();
    atomic_store(&calls, 0);
    first_failing_call = call;
    all_later_calls_fail = all;
    int status = merge(fast, made, &result);
    first_failing_call = 0;
    *ended = atomic_load(&calls) < call;
    long lost = unfreed_allocations() - before;
    /* If only a thread could not be created, the merge may also go on with fewer threads. */
    int is_right = failed_allocations() > failed_before || status != MERGE_OK
                       ? status == MERGE_OUT_OF_MEMORY && !*ended
                       : results_agree(made, MERGE_OK, expected, status, &result);
    if (!is_right || lost != 0)
        fprintf(stderr, "merge_%s, call %ld fails%s: status %d, %ld allocations not freed\n",
                fast ? "fast" : "heap", call, all ? " and all later ones" : "", status, lost);
    result_free(&result);
    return is_right && lost == 0;
}

/* Lets each call of a merge fail, one after the other. Returns the number of failures that were
 * tried, or -1 if the merge was wrong after one of them. */
static long count_handled_failures(int fast, const merge_case *made)
{
    merge_result expected = result_make(made);
    int is_right = merge_heap(&made->problem, &expected.output) == MERGE_OK;
    long tried = 0;
    for (int all = 0; all < 2 && is_right; all++) {
        int ended = 0;
        for (long call = 1; is_right && !ended; call++, tried++)
            is_right = one_failure_is_handled(fast, made, &expected, call, all, &ended);
    }
    result_free(&expected);
    return is_right ? tried : -1;
}

int main(int argc, char **argv)
{
    return try_random_problems(argc, argv, count_handled_failures,
                               "failures of allocations and threads");
}
