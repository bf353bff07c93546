/* An arena: the memory of one thread during a merge. Pieces of memory are taken one by one, and all
 * pieces are released at once.
 *
 * A piece may be given back before. The arena puts it on the free list of its size class, and hands
 * it out again when a piece of this class is needed. A large piece has a chunk of its own, which is
 * freed at once, unless several threads run: the piece may come from the arena of another thread.
 */
#ifndef ARENA_H
#define ARENA_H

#include <stddef.h>
#include <stdint.h>

#define ARENA_ALIGNMENT 8
#define ARENA_SIZES 128 /* the number of size classes; the caller decides on their sizes */
#define LARGE_CHUNK ((size_t)1 << 21)
/* Larger pieces have a chunk of their own. Tests define a smaller size. */
#ifndef LARGE_PIECE
#define LARGE_PIECE (LARGE_CHUNK / 64)
#endif

typedef struct arena_chunk arena_chunk;

typedef struct {
    arena_chunk *chunks;
    char *next;                /* the first free byte of the chunk from which pieces are taken */
    char *end;                 /* the end of that chunk */
    size_t next_chunk;         /* the size of the next chunk in bytes; 0: FIRST_CHUNK */
    int failed;                /* whether an allocation has failed */
    int keeps_large_pieces;    /* whether large pieces go to the free lists, as small ones do */
    void *unused[ARENA_SIZES]; /* the free list of each size class, or NULL */
} arena;

/* Takes aligned, uninitialised bytes, which are valid until merge_arena_release. Returns NULL if
 * there is not enough memory. */
void *merge_arena_take(arena *memory, size_t bytes);

/* Takes an array of "count" elements of "size" bytes. Returns NULL if there is not enough memory or
 * if count * size overflows. */
void *merge_arena_take_array(arena *memory, uint64_t count, size_t size);

/* Frees a piece of more than LARGE_PIECE bytes, of any arena. */
void merge_arena_free_large(void *piece);

/* Releases all pieces of an arena. */
void merge_arena_release(arena *memory);

/* Takes a piece from the free list of its size class or, if the list is empty, a new piece of
 * "bytes" bytes. */
static inline void *arena_take_piece(arena *memory, uint32_t class, size_t bytes)
{
    void *piece = memory->unused[class];
    if (!piece)
        return merge_arena_take(memory, bytes);
    memory->unused[class] = *(void **)piece;
    __builtin_prefetch(memory->unused[class], 1); /* the next piece that is taken */
    return piece;
}

/* Gives back a piece of "bytes" bytes: puts it on the free list of its size class or frees it. */
static inline void arena_give_back(arena *memory, uint32_t class, void *piece, size_t bytes)
{
    if (bytes > LARGE_PIECE && !memory->keeps_large_pieces) {
        merge_arena_free_large(piece);
        return;
    }
    *(void **)piece = memory->unused[class];
    memory->unused[class] = piece;
}

#endif
