#include "arena.h"

#include <stdlib.h>
#if defined(__linux__)
#include <sys/mman.h>
#endif

#define FIRST_CHUNK \
    ((size_t)1 << 14) /* the next ones are twice as large each, up to LARGE_CHUNK \
                       */
#define LARGE_CHUNK ((size_t)1 << 21)

struct arena_chunk {
    arena_chunk *next;
};

/* Allocates a chunk of "bytes" bytes. On Linux, large chunks are on pages of 2 MiB, which avoids
 * most page faults and most misses of the TLB. */
static arena_chunk *allocate_chunk(size_t bytes)
{
#if defined(__linux__)
    if (bytes >= LARGE_CHUNK) {
        size_t rounded = (bytes + LARGE_CHUNK - 1) & ~(LARGE_CHUNK - 1);
        void *chunk = aligned_alloc(LARGE_CHUNK, rounded);
        if (chunk)
            madvise(chunk, rounded, MADV_HUGEPAGE); /* if this fails, the merge is only slower */
        return chunk;
    }
#endif
    return malloc(bytes);
}

/* Adds a chunk of "bytes" bytes. Returns its first aligned byte behind the link to the next chunk.
 */
static char *add_chunk(arena *memory, size_t bytes)
{
    arena_chunk *chunk = allocate_chunk(bytes);
    if (!chunk) {
        memory->failed = 1;
        return NULL;
    }
    chunk->next = memory->chunks;
    memory->chunks = chunk;
    char *first = (char *)chunk + sizeof *chunk;
    return first + (-(uintptr_t)first & (ARENA_ALIGNMENT - 1));
}

void *merge_arena_take(arena *memory, size_t bytes)
{
    if (bytes > SIZE_MAX - 4 * ARENA_ALIGNMENT) {
        memory->failed = 1;
        return NULL;
    }
    bytes = ((bytes ? bytes : 1) + ARENA_ALIGNMENT - 1) & ~(size_t)(ARENA_ALIGNMENT - 1);
    if ((size_t)(memory->end - memory->next) < bytes) {
        size_t chunk = memory->next_chunk ? memory->next_chunk : FIRST_CHUNK;
        if (bytes > chunk / 4)
            return add_chunk(memory, bytes + 2 * ARENA_ALIGNMENT);
        char *first = add_chunk(memory, chunk);
        if (!first)
            return NULL;
        memory->next_chunk = chunk < LARGE_CHUNK ? 2 * chunk : chunk;
        memory->next = first;
        memory->end = first + chunk - 2 * ARENA_ALIGNMENT;
    }
    void *taken = memory->next;
    memory->next += bytes;
    return taken;
}

void *merge_arena_take_array(arena *memory, uint64_t count, size_t size)
{
    return merge_arena_take(memory, count > SIZE_MAX / size ? SIZE_MAX : (size_t)count * size);
}

void merge_arena_release(arena *memory)
{
    while (memory->chunks) {
        arena_chunk *next = memory->chunks->next;
        free(memory->chunks);
        memory->chunks = next;
    }
    memory->next = memory->end = NULL;
    memory->next_chunk = 0;
    for (int i = 0; i < ARENA_SIZES; i++)
        memory->unused[i] = NULL;
}
