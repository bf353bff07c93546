/* The edges of one vertex: half-edges in numbered slots, and their weights. */
#ifndef NEIGHBOURHOOD_H
#define NEIGHBOURHOOD_H

#include <string.h>

#include "sums.h"

/* Always inlined, so that the linkage is a constant. */
#define INLINE static inline __attribute__((always_inline))

#define NO_SLOT UINT32_MAX

typedef struct {
    uint32_t to;   /* the vertex at the other end; the sentinel: the slot is unused */
    uint32_t twin; /* the slot of this edge there; of an unused slot: the next unused one */
} half_edge;

typedef struct {
    half_edge half;
    affinity_sum sum;
} summed_half_edge;

/* The edges of one vertex. Behind these numbers stand as many half-edges as there is capacity for
 * (linkage average: summed ones), before them as many weights, NO_WEIGHT at unused slots: so both
 * are found without reading the capacity. The first weight is the one next to the numbers. */
typedef struct {
    uint32_t capacity; /* a multiple of 8 */
    uint32_t used;     /* slots ever used; those behind are unused, too */
    uint32_t live;     /* edges */
    uint32_t unused;   /* the first unused slot below used, or NO_SLOT */
} neighbourhood;

static inline size_t half_edge_size(int average)
{
    return average ? sizeof(summed_half_edge) : sizeof(half_edge);
}

static inline half_edge *half_at(const neighbourhood *edges, uint32_t slot, int average)
{
    return (half_edge *)((char *)(edges + 1) + slot * half_edge_size(average));
}

static inline affinity_sum *sum_at(const neighbourhood *edges, uint32_t slot)
{
    return &((summed_half_edge *)(edges + 1))[slot].sum;
}

static inline weight_bits *weight_at(const neighbourhood *edges, uint32_t slot)
{
    return (weight_bits *)edges - 1 - slot;
}

/* An empty neighbourhood, or NULL. */
neighbourhood *merge_neighbourhood_make(arena *memory, uint64_t capacity, int average);
void merge_neighbourhood_give_back(arena *memory, neighbourhood *edges);

static inline uint32_t take_slot(neighbourhood *edges, int average)
{
    uint32_t slot = edges->unused;
    if (slot == NO_SLOT)
        return edges->used++;
    edges->unused = half_at(edges, slot, average)->twin;
    return slot;
}

static inline void leave_slot(neighbourhood *edges, uint32_t slot, uint32_t sentinel, int average)
{
    half_edge *half = half_at(edges, slot, average);
    *weight_at(edges, slot) = NO_WEIGHT;
    half->to = sentinel;
    half->twin = edges->unused;
    edges->unused = slot;
    edges->live--;
}

#endif
