#include "allocations.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

/* The counters are global, because the functions that the linker replaces have no other arguments.
 */
static atomic_long unfreed;
static atomic_long failed;

long unfreed_allocations(void)
{
    return atomic_load(&unfreed);
}

long failed_allocations(void)
{
    return atomic_load(&failed);
}

static int allocation_must_fail(void)
{
    if (!call_must_fail())
        return 0;
    atomic_fetch_add(&failed, 1);
    return 1;
}

static void *count_allocation(void *memory)
{
    if (memory)
        atomic_fetch_add(&unfreed, 1);
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
    return allocation_must_fail() ? NULL : count_allocation(__real_malloc(bytes));
}

void *__wrap_calloc(size_t count, size_t size)
{
    return allocation_must_fail() ? NULL : count_allocation(__real_calloc(count, size));
}

void *__wrap_aligned_alloc(size_t alignment, size_t bytes)
{
    return allocation_must_fail() ? NULL : count_allocation(__real_aligned_alloc(alignment, bytes));
}

int __wrap_posix_memalign(void **memory, size_t alignment, size_t bytes)
{
    if (allocation_must_fail())
        return ENOMEM;
    int error = __real_posix_memalign(memory, alignment, bytes);
    if (!error)
        count_allocation(*memory);
    return error;
}

void *__wrap_realloc(void *memory, size_t bytes)
{
    if (allocation_must_fail())
        return NULL;
    void *moved = __real_realloc(memory, bytes);
    return memory ? moved : count_allocation(moved);
}

void __wrap_free(void *memory)
{
    if (memory)
        atomic_fetch_sub(&unfreed, 1);
    __real_free(memory);
}

int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
                          void *(*start)(void *), void *argument)
{
    if (call_must_fail())
        return EAGAIN;
    return __real_pthread_create(thread, attributes, start, argument);
}
