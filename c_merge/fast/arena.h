/* The memory of one thread's share of a merge: taken piece by piece, given back all at once.
 *
 * Small pieces that are given back early go to a list of their size and are taken again from there.
 */
#ifndef ARENA_H
#define ARENA_H

#include <stddef.h>
#include <stdint.h>

#define ARENA_ALIGNMENT 32
#define ARENA_SIZES 64 /* free lists, one for each size class of the caller */

typedef struct arena_chunk arena_chunk;

typedef struct {
    arena_chunk *chunks;
    char *next; /* the free rest of the newest shared chunk */
    char *end;
    int failed;                /* an allocation has failed */
    void *unused[ARENA_SIZES]; /* a free list for each size class */
} arena;

/* Uninitialised, aligned bytes that live until merge_arena_release; NULL: out of memory. */
void *merge_arena_take(arena *memory, size_t bytes);

/* The same for an array; NULL also where the product is too large for a size. */
void *merge_arena_take_array(arena *memory, uint64_t count, size_t size);

void merge_arena_release(arena *memory);

/* A piece of a size class: one given back before, or else a new one of so many bytes. */
static inline void *arena_take_piece(arena *memory, uint32_t class, size_t bytes)
{
    void *piece = memory->unused[class];
    if (!piece)
        return merge_arena_take(memory, bytes);
    memory->unused[class] = *(void **)piece;
    return piece;
}

static inline void arena_give_back(arena *memory, uint32_t class, void *piece)
{
    *(void **)piece = memory->unused[class];
    memory->unused[class] = piece;
}

#endif
