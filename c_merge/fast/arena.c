#include "arena.h"

#include <stdlib.h>
#if defined(__linux__)
#include <sys/mman.h>
#endif

/* The next chunks are twice as large each, up to LARGE_CHUNK. */
#define FIRST_CHUNK ((size_t)1 << 14)

/* Pieces of this many bytes or more begin at a cache line. */
#define BYTES_ALIGNED_TO_LINE 256
#define LINE ((size_t)64)

/* The header of a chunk. The first piece begins one cache line behind the start of the header. */
struct arena_chunk {
    arena_chunk *next;
    arena_chunk **link; /* what points to this chunk: the arena or the chunk before */
};
_Static_assert(sizeof(arena_chunk) <= LINE, "the header ends before the first piece");

static void *allocate_aligned(size_t alignment, size_t bytes)
{
    void *allocated;
    return posix_memalign(&allocated, alignment, bytes) == 0 ? allocated : NULL;
}

/* Allocates a chunk of "bytes" bytes. On Linux, large chunks are on pages of 2 MiB, which avoids
 * most page faults and most misses of the TLB. */
static arena_chunk *allocate_chunk(size_t bytes)
{
#if defined(__linux__)
    if (bytes >= LARGE_CHUNK) {
        void *chunk = allocate_aligned(LARGE_CHUNK, bytes);
        if (chunk) /* if this fails, the merge is only slower */
            madvise(chunk, bytes, MADV_HUGEPAGE);
        return chunk;
    }
#endif
    return allocate_aligned(LINE, bytes);
}

/* Adds a chunk of "bytes" bytes. Returns its first byte behind the header. */
static char *add_chunk(arena *memory, size_t bytes)
{
    arena_chunk *chunk = allocate_chunk(bytes);
    if (!chunk) {
        memory->failed = 1;
        return NULL;
    }
    *chunk = (arena_chunk){memory->chunks, &memory->chunks};
    if (chunk->next)
        chunk->next->link = &chunk->next;
    memory->chunks = chunk;
    return (char *)chunk + LINE;
}

void *merge_arena_take(arena *memory, size_t bytes)
{
    if (bytes > SIZE_MAX - 4 * LINE) {
        memory->failed = 1;
        return NULL;
    }
    bytes = ((bytes ? bytes : 1) + ARENA_ALIGNMENT - 1) & ~(size_t)(ARENA_ALIGNMENT - 1);
    if (bytes > LARGE_PIECE)
        return add_chunk(memory, bytes + LINE);
    size_t skipped = bytes < BYTES_ALIGNED_TO_LINE ? 0 : -(uintptr_t)memory->next & (LINE - 1);
    if ((size_t)(memory->end - memory->next) < skipped + bytes) {
        size_t chunk = memory->next_chunk ? memory->next_chunk : FIRST_CHUNK;
        if (bytes > chunk / 4)
            return add_chunk(memory, bytes + LINE);
        char *first = add_chunk(memory, chunk);
        if (!first)
            return NULL;
        memory->next_chunk = chunk < LARGE_CHUNK ? 2 * chunk : chunk;
        memory->next = first;
        memory->end = first + chunk - LINE;
        skipped = 0;
    }
    void *taken = memory->next + skipped;
    memory->next += skipped + bytes;
    return taken;
}

void *merge_arena_take_array(arena *memory, uint64_t count, size_t size)
{
    return merge_arena_take(memory, count > SIZE_MAX / size ? SIZE_MAX : (size_t)count * size);
}

void merge_arena_free_large(void *piece)
{
    arena_chunk *chunk = (arena_chunk *)((char *)piece - LINE);
    if (chunk->next)
        chunk->next->link = chunk->link;
    *chunk->link = chunk->next;
    free(chunk);
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
