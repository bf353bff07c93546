/* A vertex with many edges is a hub. A hub keeps two things beside its edges: bounds for blocks of
 * its slots, and a table of the neighbours that are hubs. So merging a small vertex
 * into a hub costs about as much as the small vertex has edges.
 *
 * Bounds. The slots of a hub are divided into blocks, the blocks into groups, and so on. The bound
 * of a block is at least the key (weight, name of the neighbour) of each of its edges. The bound of
 * a group is the largest bound in it. When an edge gets heavier, the bounds above it are raised at
 * once. When an edge gets lighter, bounds stay as they are, until a search comes to the block and
 * lowers them (best_edge.h).
 *
 * Table. The edge from a hub to a small neighbour is found among the edges of the neighbour. The
 * edge from a hub to another hub is found in a hash table of the hub, which is made when it is
 * first searched: where nearly all vertices are hubs, most hubs never need one.
 */
#ifndef HUB_H
#define HUB_H

#if defined(USE_AVX2)
#include <immintrin.h>
#endif

#include "neighbourhood.h"

/* Tests define smaller numbers, so that small problems have hubs of several levels. */
#ifndef HUB_CAPACITY
#define HUB_CAPACITY 512 /* a multiple of HUB_BLOCK, and a capacity of a neighbourhood */
#define HUB_BLOCK 16     /* slots, a cache line of weights; divides all larger capacities */
#define HUB_GROUP 16     /* keys; a multiple of 4 */
#endif
#define FIRST_FETCH_GAP 4096 /* see fetch_ahead.h, which adjusts it */
#define HUB_LEVELS 10        /* enough for the most edges that a vertex may have */

/* The weight of an edge in the upper half, the name of the other end in the lower half. Of the
 * edges of one vertex, the one with the largest key has the highest rank. */
typedef int64_t edge_key;
#define NO_KEY INT64_MIN

/* One entry of the hash table: an edge to another hub. */
typedef struct {
    uint32_t hub; /* NO_HUB in a free entry */
    uint32_t slot;
} hub_entry;
#define NO_HUB UINT32_MAX

typedef struct hub {
    uint32_t num_levels;
    uint32_t table_bits;
    uint32_t num_entries;
    uint32_t fetched;            /* the number of blocks fetched ahead that were not searched yet */
    weight_bits fetched_down_to; /* their bounds are at least this weight */
    weight_bits fetch_gap;       /* how far below the largest weight blocks are fetched */
    edge_key *levels[HUB_LEVELS]; /* bounds of blocks, of groups, and so on; the last level is
                                     one group */
    hub_entry *table;             /* NULL until it is first searched */
} hub;

static inline int is_hub(const neighbourhood *edges)
{
    return edges->capacity >= HUB_CAPACITY;
}

static inline hub *hub_of(const neighbourhood *edges)
{
    return (hub *)((weight_bits *)edges - edges->capacity) - 1;
}

static inline edge_key key_of(weight_bits weight, uint32_t name)
{
    return (edge_key)((uint64_t)weight << 32 | name); /* unsigned: NO_WEIGHT is negative */
}

/* Raises the bounds above a slot to the key of its edge, which is new or has got heavier. */
static inline void raise_key(const neighbourhood *edges, uint32_t slot, edge_key key)
{
    const hub *h = hub_of(edges);
    uint32_t at = slot / HUB_BLOCK;
    for (uint32_t level = 0; level < h->num_levels && h->levels[level][at] < key; level++) {
        h->levels[level][at] = key;
        at /= HUB_GROUP;
    }
}

/* Four keys, which are compared at the same time. The compiler chooses the registers. */
typedef edge_key four_keys __attribute__((vector_size(32)));

static inline edge_key largest_key(const edge_key *group)
{
    four_keys largest, other;
    memcpy(&largest, group, sizeof largest);
    for (int i = 4; i < HUB_GROUP; i += 4) {
        memcpy(&other, group + i, sizeof other);
        four_keys larger = other > largest;
        largest = (other & larger) | (largest & ~larger);
    }
    edge_key one = largest[0] > largest[1] ? largest[0] : largest[1];
    edge_key two = largest[2] > largest[3] ? largest[2] : largest[3];
    return one > two ? one : two;
}

/* Lowers the bound of a block to its largest key, and the bounds above it accordingly. */
static inline void lower_key(const neighbourhood *edges, uint32_t block, edge_key key)
{
    const hub *h = hub_of(edges);
    uint32_t at = block;
    for (uint32_t level = 0; level < h->num_levels && h->levels[level][at] != key; level++) {
        h->levels[level][at] = key;
        at /= HUB_GROUP;
        key = largest_key(h->levels[level] + at * HUB_GROUP);
    }
}

static inline weight_bits weight_of_key(edge_key key)
{
    return (weight_bits)(key >> 32);
}

static inline uint32_t name_of_key(edge_key key)
{
    return (uint32_t)key;
}

static inline edge_key largest_bound(const neighbourhood *edges)
{
    const hub *h = hub_of(edges);
    return largest_key(h->levels[h->num_levels - 1]);
}

/* The keys of a group that are at least "key": one bit for each key. */
static inline uint32_t keys_at_least(const edge_key *group, edge_key key)
{
    uint32_t found = 0;
#if defined(USE_AVX2)
    __m256i least = _mm256_set1_epi64x(key);
    for (int i = 0; i < HUB_GROUP; i += 4) {
        __m256i four = _mm256_loadu_si256((const __m256i *)(group + i));
        int smaller = _mm256_movemask_pd((__m256d)_mm256_cmpgt_epi64(least, four));
        found |= (uint32_t)(~smaller & 15) << i;
    }
#else
    for (int i = 0; i < HUB_GROUP; i++)
        found |= (uint32_t)(group[i] >= key) << i;
#endif
    return found;
}

/* The block with the largest bound. Sets *key to this bound. */
static inline uint32_t block_with_largest_key(const neighbourhood *edges, edge_key *key)
{
    const hub *h = hub_of(edges);
    *key = largest_bound(edges);
    uint32_t at = 0;
    for (uint32_t level = h->num_levels; level-- > 0;) {
        uint32_t largest = keys_at_least(h->levels[level] + at * HUB_GROUP, *key);
        at = at * HUB_GROUP + (uint32_t)__builtin_ctz(largest);
    }
    return at;
}

/* The number of bytes before the weights of a hub, whose neighbourhood has this capacity. */
size_t merge_hub_bytes(uint64_t capacity);

/* Makes the bounds and an empty table of a hub whose neighbourhood is new and has no edges. They
 * are stored before the weights, in the memory that begins at "piece". */
void merge_hub_make(neighbourhood *edges, void *piece);

/* Sets all bounds from the weights in the slots. The bounds of the slots from "end" on must be
 * right already. */
void merge_hub_set_bounds(neighbourhood *edges, uint32_t end);

/* Moves the table of a hub to a larger copy of its neighbourhood, and sets the bounds there. */
void merge_hub_move(neighbourhood *to, neighbourhood *from);

/* Makes an empty table of a hub that has none. Returns a merge_status. */
int merge_hub_table_make(arena *memory, neighbourhood *edges);

/* Records in the table, if there is one, which slot holds the edge to another hub. Returns a
 * merge_status. */
int merge_hub_table_add(arena *memory, neighbourhood *edges, uint32_t other, uint32_t slot);

/* Removes another hub from the table, if it is there. */
void merge_hub_table_remove(neighbourhood *edges, uint32_t other);

/* The slot of the edge to another hub, or NO_SLOT if the table has none. The table must have been
 * made. */
uint32_t merge_hub_table_find(const neighbourhood *edges, uint32_t other);

/* Gives the table of a hub back to the arena. It is made anew when it is searched. */
void merge_hub_give_back(arena *memory, neighbourhood *edges);

#endif
