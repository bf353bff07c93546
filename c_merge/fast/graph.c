#include "pixel_edges.h"

/* Capacities are 8, 16, 24, 32, 48, 64, 96, 128, 192, ... */
static uint32_t class_of(uint64_t capacity, uint64_t *rounded)
{
    if (capacity <= 32) {
        uint32_t eights = capacity == 0 ? 1 : (uint32_t)((capacity + 7) / 8);
        *rounded = eights * 8;
        return eights - 1;
    }
    uint32_t class = 4;
    for (uint64_t power = 32;; power *= 2, class += 2) {
        if (capacity <= power + power / 2) {
            *rounded = power + power / 2;
            return class;
        }
        if (capacity <= 2 * power) {
            *rounded = 2 * power;
            return class + 1;
        }
    }
}

#define MOST_EDGES (UINT32_MAX / 4) /* of a vertex; slots are numbered by 32 bits */

neighbourhood *merge_neighbourhood_make(arena *memory, uint64_t capacity, int average)
{
    uint64_t rounded;
    uint32_t class = class_of(capacity, &rounded);
    size_t weights = rounded * sizeof(weight_bits);
    char *piece = arena_take_piece(
        memory, class, weights + sizeof(neighbourhood) + rounded * half_edge_size(average));
    if (!piece)
        return NULL;
    memset(piece, 0xff, weights); /* NO_WEIGHT */
    neighbourhood *made = (neighbourhood *)(piece + weights);
    *made = (neighbourhood){.capacity = (uint32_t)rounded, .unused = NO_SLOT};
    return made;
}

void merge_neighbourhood_give_back(arena *memory, neighbourhood *edges)
{
    uint64_t capacity;
    uint32_t class = class_of(edges->capacity, &capacity);
    arena_give_back(memory, class, (weight_bits *)edges - capacity);
}

int merge_neighbourhood_grow(worker *me, uint32_t vertex, uint64_t live, int average)
{
    neighbourhood *old = me->graph->vertices[vertex].edges;
    if (old && live <= old->capacity)
        return MERGE_OK;
    if (live > MOST_EDGES)
        return MERGE_OVERFLOW;
    neighbourhood *larger = merge_neighbourhood_make(&me->arena, live, average);
    if (!larger)
        return MERGE_OUT_OF_MEMORY;
    if (old) {
        larger->used = old->used;
        larger->live = old->live;
        larger->unused = old->unused;
        memcpy(half_at(larger, 0, average), half_at(old, 0, average),
               old->used * half_edge_size(average));
        memcpy((weight_bits *)larger - old->capacity, (weight_bits *)old - old->capacity,
               old->capacity * sizeof(weight_bits));
        merge_neighbourhood_give_back(&me->arena, old);
    }
    me->graph->vertices[vertex].edges = larger;
    return MERGE_OK;
}

int merge_neighbourhood_compact(worker *me, uint32_t vertex, int average)
{
    graph *g = me->graph;
    neighbourhood *old = g->vertices[vertex].edges;
    neighbourhood *compacted = merge_neighbourhood_make(&me->arena, old->live, average);
    if (!compacted)
        return MERGE_OUT_OF_MEMORY;
    for (uint32_t i = 0; i < old->used; i++) {
        const half_edge *half = half_at(old, i, average);
        if (half->to == g->count)
            continue;
        uint32_t slot = compacted->used++;
        memcpy(half_at(compacted, slot, average), half, half_edge_size(average));
        *weight_at(compacted, slot) = *weight_at(old, i);
        /* A pixel that has none yet would make its own as if nothing had moved. */
        neighbourhood *there = edges_of(me, half->to, average);
        if (!there)
            return MERGE_OUT_OF_MEMORY;
        half_at(there, half->twin, average)->twin = slot;
    }
    compacted->live = compacted->used;
    if (me->marked == vertex)
        me->marked = NO_VERTEX;
    g->vertices[vertex].edges = compacted;
    merge_neighbourhood_give_back(&me->arena, old);
    return MERGE_OK;
}
