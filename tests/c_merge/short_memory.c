/* short_memory COUNT LONGEST: lets every single allocation of a merge fail, and every creation of a
 * thread, for random problems. The merge must return the status for it and free all that it holds.
 *
 * The linker puts the functions below in place of the library's (see the Makefile), so their
 * counters are global.
 */
#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "results.h"

static atomic_long calls;   /* of functions that may fail */
static atomic_long held;    /* allocations not yet given back */
static atomic_long refused; /* allocations that failed */
static long first_refused;  /* which call fails; 0: none does */
static int then_all;        /* whether all later ones fail, too */

static int is_refused(void)
{
    long call = atomic_fetch_add(&calls, 1) + 1;
    return first_refused != 0 && (then_all ? call >= first_refused : call == first_refused);
}

static int allocation_is_refused(void)
{
    if (!is_refused())
        return 0;
    atomic_fetch_add(&refused, 1);
    return 1;
}

static void *counted(void *memory)
{
    if (memory)
        atomic_fetch_add(&held, 1);
    return memory;
}

void *__real_malloc(size_t bytes);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *memory, size_t bytes);
void *__real_aligned_alloc(size_t alignment, size_t bytes);
int __real_posix_memalign(void **memory, size_t alignment, size_t bytes);
void __real_free(void *memory);
int __real_pthread_create(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);

void *__wrap_malloc(size_t bytes);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *memory, size_t bytes);
void *__wrap_aligned_alloc(size_t alignment, size_t bytes);
int __wrap_posix_memalign(void **memory, size_t alignment, size_t bytes);
void __wrap_free(void *memory);
int __wrap_pthread_create(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);

void *__wrap_malloc(size_t bytes)
{
    return allocation_is_refused() ? NULL : counted(__real_malloc(bytes));
}

void *__wrap_calloc(size_t count, size_t size)
{
    return allocation_is_refused() ? NULL : counted(__real_calloc(count, size));
}

void *__wrap_aligned_alloc(size_t alignment, size_t bytes)
{
    return allocation_is_refused() ? NULL : counted(__real_aligned_alloc(alignment, bytes));
}

int __wrap_posix_memalign(void **memory, size_t alignment, size_t bytes)
{
    if (allocation_is_refused())
        return ENOMEM;
    int error = __real_posix_memalign(memory, alignment, bytes);
    if (!error)
        counted(*memory);
    return error;
}

void *__wrap_realloc(void *memory, size_t bytes)
{
    if (allocation_is_refused())
        return NULL;
    void *moved = __real_realloc(memory, bytes);
    return memory ? moved : counted(moved);
}

void __wrap_free(void *memory)
{
    if (memory)
        atomic_fetch_sub(&held, 1);
    __real_free(memory);
}

int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
                          void *(*start)(void *), void *argument)
{
    if (is_refused())
        return EAGAIN;
    return __real_pthread_create(thread, attributes, start, argument);
}

static int merge(int fast, const merge_case *made, merge_result *result)
{
    return fast ? merge_fast(&made->problem, made->threads, &result->output)
                : merge_heap(&made->problem, &result->output);
}

/* Whether the merge does the right thing when that call fails. *ended: there is no such call. */
static int one_refusal_is_handled(int fast, const merge_case *made, const merge_result *expected,
                                  long call, int all, int *ended)
{
    merge_result result = result_make(made);
    long before = atomic_load(&held);
    atomic_store(&calls, 0);
    atomic_store(&refused, 0);
    first_refused = call;
    then_all = all;
    int status = merge(fast, made, &result);
    first_refused = 0;
    *ended = atomic_load(&calls) < call;
    long lost = atomic_load(&held) - before;
    /* Without a thread fewer workers may do the work. */
    int is_right = atomic_load(&refused) > 0 || status != MERGE_OK
                       ? status == MERGE_OUT_OF_MEMORY && !*ended
                       : results_agree(made, MERGE_OK, expected, status, &result);
    if (!is_right || lost != 0)
        fprintf(stderr, "%s_merge, call %ld fails%s: status %d, %ld allocations kept\n",
                fast ? "fast" : "heap", call, all ? " and all later ones" : "", status, lost);
    result_free(&result);
    return is_right && lost == 0;
}

/* The number of refusals tried, or -1 if the merge did the wrong thing after one. */
static long refusals_are_handled(int fast, const merge_case *made)
{
    merge_result expected = result_make(made);
    int is_right = merge_heap(&made->problem, &expected.output) == MERGE_OK;
    long tried = 0;
    for (int all = 0; all < 2 && is_right; all++) {
        int ended = 0;
        for (long call = 1; is_right && !ended; call++, tried++)
            is_right = one_refusal_is_handled(fast, made, &expected, call, all, &ended);
    }
    result_free(&expected);
    return is_right ? tried : -1;
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        fprintf(stderr, "usage: %s COUNT LONGEST\n", argv[0]);
        return 2;
    }
    uint64_t count = strtoull(argv[1], NULL, 10);
    int64_t longest = strtoll(argv[2], NULL, 10);
    long tried = 0;
    for (uint64_t number = 0; number < count; number++) {
        byte_source source = {.state = (number + 1) * 0x9E3779B97F4A7C15u};
        merge_case made = case_make(&source, longest);
        for (int fast = 0; fast < 2; fast++) {
            long more = refusals_are_handled(fast, &made);
            if (more < 0) {
                fprintf(stderr, "in random problem %" PRIu64 "\n", number);
                return 1;
            }
            tried += more;
        }
        case_free(&made);
    }
    printf("%ld refusals of memory and threads: each was reported, nothing leaked\n", tried);
    return 0;
}
