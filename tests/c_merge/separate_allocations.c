/* Replaces c_merge/fast/arena.c under the address sanitizer: every piece of an arena is a separate
 * allocation of exactly the requested length, so that any access outside it is found. */
#include "fast/arena.h"

#include <sanitizer/asan_interface.h>
#include <stdlib.h>

/* The header of an allocation. The piece begins HEADER bytes behind the header's start; access to
 * the bytes before the piece is forbidden. */
#define HEADER 32
struct arena_chunk {
    arena_chunk *next;
    arena_chunk **link; /* what points to this chunk */
};

static void allow_header(arena_chunk *chunk)
{
    if (chunk)
        ASAN_UNPOISON_MEMORY_REGION(chunk, HEADER);
}

static void forbid_header(arena_chunk *chunk)
{
    if (chunk)
        ASAN_POISON_MEMORY_REGION(chunk, HEADER);
}

void *merge_arena_take(arena *from, size_t bytes)
{
    void *allocated;
    if (bytes > PTRDIFF_MAX - HEADER || posix_memalign(&allocated, HEADER, HEADER + bytes) != 0) {
        from->failed = 1;
        return NULL;
    }
    arena_chunk *chunk = allocated;
    *chunk = (arena_chunk){from->chunks, &from->chunks};
    allow_header(chunk->next);
    if (chunk->next)
        chunk->next->link = &chunk->next;
    forbid_header(chunk->next);
    from->chunks = chunk;
    forbid_header(chunk);
    return (char *)chunk + HEADER;
}

void *merge_arena_take_array(arena *from, uint64_t count, size_t size)
{
    return merge_arena_take(from, count > PTRDIFF_MAX / size ? PTRDIFF_MAX : (size_t)count * size);
}

void merge_arena_free_large(void *piece)
{
    arena_chunk *chunk = (arena_chunk *)((char *)piece - HEADER);
    allow_header(chunk);
    arena_chunk *next = chunk->next, **link = chunk->link;
    allow_header(next);
    if (next)
        next->link = link;
    forbid_header(next);
    /* The link may lie in the header of the chunk before, which is forbidden. */
    int forbidden = __asan_address_is_poisoned(link);
    ASAN_UNPOISON_MEMORY_REGION(link, sizeof *link);
    *link = next;
    if (forbidden)
        ASAN_POISON_MEMORY_REGION(link, sizeof *link);
    free(chunk);
}

void merge_arena_release(arena *from)
{
    while (from->chunks) {
        arena_chunk *chunk = from->chunks;
        allow_header(chunk);
        from->chunks = chunk->next;
        free(chunk);
    }
    for (int i = 0; i < ARENA_SIZES; i++)
        from->unused[i] = NULL;
}
