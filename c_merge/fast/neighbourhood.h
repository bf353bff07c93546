/* The edges of one vertex: half-edges in numbered slots, and their weights. */
#ifndef NEIGHBOURHOOD_H
#define NEIGHBOURHOOD_H

#include <string.h>

#include "linkage.h"

#define NO_SLOT UINT32_MAX

typedef struct {
    uint32_t to;   /* the vertex at the other end; in an unused slot the sentinel */
    uint32_t twin; /* the slot of this edge there; in an unused slot the next unused one */
} half_edge;

typedef struct {
    half_edge half;
    affinity_sum sum;
} summed_half_edge;

/* The header of a vertex's edges. In memory "capacity" half-edges follow it (summed ones for
 * a linkage that keeps sums) and as many weights, slot 0 last, precede it: so both are found
 * without reading the capacity. Unused slots have NO_WEIGHT. */
typedef struct {
    uint32_t capacity; /* a multiple of 8 */
    uint32_t used;     /* slots from here on have never been used */
    uint32_t live;     /* edges, so slots in use */
    uint32_t unused;   /* the first unused slot below used, or NO_SLOT */
} neighbourhood;

static inline size_t half_edge_size(merge_linkage linkage)
{
    return keeps_sums(linkage) ? sizeof(summed_half_edge) : sizeof(half_edge);
}

static inline half_edge *half_at(const neighbourhood *edges, uint32_t slot, merge_linkage linkage)
{
    return (half_edge *)((char *)(edges + 1) + slot * half_edge_size(linkage));
}

static inline affinity_sum *sum_at(const neighbourhood *edges, uint32_t slot)
{
    return &((summed_half_edge *)(edges + 1))[slot].sum;
}

static inline weight_bits *weight_at(const neighbourhood *edges, uint32_t slot)
{
    return (weight_bits *)edges - 1 - slot;
}

INLINE super_edge super_edge_at(const neighbourhood *edges, uint32_t slot, merge_linkage linkage)
{
    return (super_edge){*weight_at(edges, slot), keeps_sums(linkage) ? *sum_at(edges, slot) : 0};
}

/* Stores an edge at both its ends, except where it leads. */
INLINE void store_super_edge(neighbourhood *here, uint32_t slot, neighbourhood *there,
                             uint32_t twin, super_edge edge, merge_linkage linkage)
{
    *weight_at(here, slot) = *weight_at(there, twin) = edge.weight;
    if (keeps_sums(linkage))
        *sum_at(here, slot) = *sum_at(there, twin) = edge.sum;
}

/* An empty neighbourhood, or NULL. */
neighbourhood *merge_neighbourhood_make(arena *memory, uint64_t capacity, merge_linkage linkage);
void merge_neighbourhood_give_back(arena *memory, neighbourhood *edges);

static inline uint32_t take_slot(neighbourhood *edges, merge_linkage linkage)
{
    uint32_t slot = edges->unused;
    if (slot == NO_SLOT)
        return edges->used++;
    edges->unused = half_at(edges, slot, linkage)->twin;
    return slot;
}

static inline void free_slot(neighbourhood *edges, uint32_t slot, uint32_t sentinel,
                             merge_linkage linkage)
{
    half_edge *half = half_at(edges, slot, linkage);
    *weight_at(edges, slot) = NO_WEIGHT;
    half->to = sentinel;
    half->twin = edges->unused;
    edges->unused = slot;
    edges->live--;
}

#endif
