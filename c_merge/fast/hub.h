/* What a vertex with many edges, a hub, keeps beside them, so that a merge with a small vertex
 * costs about what the small one has edges: the heaviest edges of blocks of slots, and which of its
 * neighbours are hubs too.
 *
 * Block maxima. The slots of a hub are divided into blocks, the blocks into groups, and so on. Each
 * block has a key, the weight of its heaviest edge and the name of the neighbour there; each group
 * has the largest key in it. A key is an upper bound: it is raised at once when an edge of the
 * block becomes heavier, but lowered only when a search comes to the block (best_edge.h). Weights
 * and names of the other edges need no work at all when they fall.
 *
 * Hub neighbours. To find the edge from a hub to a small neighbour, the edges of the neighbour are
 * searched. The edge to another hub is found in a hash table of the hub.
 */
#ifndef HUB_H
#define HUB_H

#include "neighbourhood.h"

/* Fewer in tests, so that small problems have hubs of several levels. */
#ifndef HUB_CAPACITY
#define HUB_CAPACITY 512 /* a multiple of HUB_BLOCK, and a capacity of a neighbourhood */
#define HUB_BLOCK 64     /* slots; a multiple of 8 that divides all larger capacities */
#define HUB_GROUP 16     /* keys */
#endif
#define HUB_LEVELS 10 /* enough for MOST_EDGES */

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
    edge_key *levels[HUB_LEVELS]; /* of the blocks, of groups of them, ...; the last: one group */
    hub_entry *table;             /* NULL while there is no hub among the neighbours */
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
    return (edge_key)weight << 32 | name;
}

/* An edge in this slot has become heavier, or is new. */
static inline void raise_key(const neighbourhood *edges, uint32_t slot, edge_key key)
{
    const hub *h = hub_of(edges);
    uint32_t at = slot / HUB_BLOCK;
    for (uint32_t level = 0; level < h->num_levels && h->levels[level][at] < key; level++) {
        h->levels[level][at] = key;
        at /= HUB_GROUP;
    }
}

static inline edge_key largest_key(const edge_key *group)
{
    edge_key largest = group[0];
    for (int i = 1; i < HUB_GROUP; i++)
        largest = group[i] > largest ? group[i] : largest;
    return largest;
}

/* Gives a block its exact key, which is less than its bound. */
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

/* The block with the largest bound, and this bound. */
static inline uint32_t block_with_largest_key(const neighbourhood *edges, edge_key *key)
{
    const hub *h = hub_of(edges);
    *key = largest_key(h->levels[h->num_levels - 1]);
    uint32_t at = 0;
    for (uint32_t level = h->num_levels; level-- > 0;) {
        const edge_key *group = h->levels[level] + at * HUB_GROUP;
        uint32_t i = 0;
        while (group[i] != *key)
            i++;
        at = at * HUB_GROUP + i;
    }
    return at;
}

/* So many bytes lie before the weights of a neighbourhood of this capacity. */
size_t merge_hub_bytes(uint64_t capacity);

/* Makes the hub of a new neighbourhood, without edges. */
void merge_hub_make(neighbourhood *edges, void *piece);

/* Sets bounds from the weights of all slots, after they were copied into the neighbourhood. */
void merge_hub_set_bounds(neighbourhood *edges);

/* Gives a copy of a hub's neighbourhood what the hub keeps. */
void merge_hub_move(neighbourhood *to, neighbourhood *from);

/* Records that the edge to another hub is in this slot; returns a merge_status. */
int merge_hub_remember(arena *memory, neighbourhood *edges, uint32_t other, uint32_t slot);

/* Forgets the edge to another hub; does nothing if there is none. */
void merge_hub_forget(neighbourhood *edges, uint32_t other);

/* The slot of the edge to another hub, or NO_SLOT. */
uint32_t merge_hub_find(const neighbourhood *edges, uint32_t other);

void merge_hub_give_back(arena *memory, neighbourhood *edges);

#endif
