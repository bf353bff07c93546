/* Replaces c_merge/fast/arena.c under the address sanitizer: every piece of an arena is a separate
 * allocation of exactly the requested length, so that any access outside it is found. */
#include "fast/arena.h"

#include <stdlib.h>

struct arena_chunk {
    arena_chunk *next;
    void *piece;
};

void *merge_arena_take(arena *from, size_t bytes)
{
    arena_chunk *chunk = malloc(sizeof *chunk);
    if (!chunk || posix_memalign(&chunk->piece, ARENA_ALIGNMENT, bytes) != 0) {
        free(chunk);
        from->failed = 1;
        return NULL;
    }
    chunk->next = from->chunks;
    from->chunks = chunk;
    return chunk->piece;
}

void *merge_arena_take_array(arena *from, uint64_t count, size_t size)
{
    return merge_arena_take(from, count > PTRDIFF_MAX / size ? PTRDIFF_MAX : (size_t)count * size);
}

void merge_arena_release(arena *from)
{
    while (from->chunks) {
        arena_chunk *next = from->chunks->next;
        free(from->chunks->piece);
        free(from->chunks);
        from->chunks = next;
    }
    for (int i = 0; i < ARENA_SIZES; i++)
        from->unused[i] = NULL;
}
