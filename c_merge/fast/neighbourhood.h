/* The edges of one vertex: half-edges in numbered slots, and their weights. */
#ifndef NEIGHBOURHOOD_H
#define NEIGHBOURHOOD_H

#include <string.h>

#include "linkage.h"

#define NO_SLOT UINT32_MAX
#define FEWEST_EDGES 2 /* the smallest capacity, for leaves and chains of explicit edges */
#define FEW_EDGES 6    /* the edges of a pixel in a volume with three offsets */

typedef struct {
    uint32_t to;   /* the vertex at the other end; the sentinel in an unused slot */
    uint32_t twin; /* the slot of this edge at the other end; in an unused slot, the next slot on
                      the free list */
} half_edge;

typedef struct {
    half_edge half;
    stored_sum sum; /* see sums.h */
} summed_half_edge;

/* The header of the edges of one vertex. Before it in memory lie "capacity" weights, the weight of
 * slot 0 last. After it lie "capacity" half-edges, with sums if the linkage keeps sums. So the
 * weight and the half-edge of a slot are found without reading the capacity. The weight of an
 * unused slot is NO_WEIGHT. */
typedef struct {
    uint32_t capacity; /* 2, 4, FEW_EDGES or a multiple of 8 */
    uint32_t used;     /* slots that have ever held an edge: 0 .. used - 1 */
    uint32_t live;     /* slots that hold an edge now */
    uint32_t unused;   /* the first slot on the free list of those below used, or NO_SLOT */
} neighbourhood;

static inline size_t half_edge_size(merge_linkage linkage)
{
    return keeps_sums(linkage) ? sizeof(summed_half_edge) : sizeof(half_edge);
}

static inline half_edge *half_edge_at(const neighbourhood *edges, uint32_t slot,
                                      merge_linkage linkage)
{
    return (half_edge *)((char *)(edges + 1) + slot * half_edge_size(linkage));
}

static inline stored_sum *sum_at(const neighbourhood *edges, uint32_t slot)
{
    return &((summed_half_edge *)(edges + 1))[slot].sum;
}

static inline weight_bits *weight_at(const neighbourhood *edges, uint32_t slot)
{
    return (weight_bits *)edges - 1 - slot;
}

INLINE super_edge super_edge_at(const neighbourhood *edges, uint32_t slot, merge_linkage linkage)
{
    weight_bits weight = *weight_at(edges, slot);
    affinity_sum sum = keeps_sums(linkage) ? sum_of_stored(*sum_at(edges, slot), weight) : 0;
    return (super_edge){weight, sum};
}

/* Stores the weight and the sum of an edge in its slots at both ends. The half-edges stay. */
INLINE void store_super_edge(neighbourhood *here, uint32_t slot, neighbourhood *there,
                             uint32_t twin, super_edge edge, merge_linkage linkage)
{
    *weight_at(here, slot) = *weight_at(there, twin) = edge.weight;
    if (keeps_sums(linkage))
        *sum_at(here, slot) = *sum_at(there, twin) = stored_sum_of(edge.sum);
}

/* Whether a vertex with room for this number of edges is a hub. */
int merge_neighbourhood_would_be_hub(uint64_t edges);

/* An empty neighbourhood, or NULL if there is not enough memory. */
neighbourhood *merge_neighbourhood_make(arena *memory, uint64_t capacity, merge_linkage linkage);
void merge_neighbourhood_give_back(arena *memory, neighbourhood *edges, merge_linkage linkage);

/* Takes a slot for one more edge. There must be room for the edge. The caller fills the slot and
 * adds 1 to live. */
static inline uint32_t take_slot(neighbourhood *edges, merge_linkage linkage)
{
    uint32_t slot = edges->unused;
    if (slot == NO_SLOT)
        return edges->used++;
    edges->unused = half_edge_at(edges, slot, linkage)->twin;
    return slot;
}

/* Puts the slot of an edge on the free list. */
static inline void free_slot(neighbourhood *edges, uint32_t slot, uint32_t sentinel,
                             merge_linkage linkage)
{
    half_edge *half = half_edge_at(edges, slot, linkage);
    *weight_at(edges, slot) = NO_WEIGHT;
    half->to = sentinel;
    half->twin = edges->unused;
    edges->unused = slot;
    edges->live--;
}

#endif
