#include "hub.h"

/* Capacities above this one have four size classes between two powers of two, smaller ones two: an
 * old and a new neighbourhood of a large hub are in memory together while it grows. */
#define LARGE_CAPACITY 8192

/* The size class of a neighbourhood of at least "capacity" edges. Sets *rounded to its capacity: 2,
 * 4, 6, 8, 16, 24, 32, 48, 64, 96, 128, 192 and so on. */
static uint32_t size_class_of(uint64_t capacity, uint64_t *rounded)
{
    if (capacity <= FEW_EDGES) {
        uint32_t pairs = capacity <= FEWEST_EDGES ? 1 : (uint32_t)((capacity + 1) / 2);
        *rounded = 2 * pairs;
        return pairs - 1;
    }
    if (capacity <= 32) {
        uint32_t eights = (uint32_t)((capacity + 7) / 8);
        *rounded = eights * 8;
        return eights + 2;
    }
    uint32_t class = 7;
    uint64_t power = 32, steps = 2;
    while (capacity > 2 * power) {
        power *= 2;
        class += (uint32_t)steps;
        steps = power < LARGE_CAPACITY ? 2 : 4;
    }
    uint64_t step = power / steps, above = (capacity - power + step - 1) / step;
    *rounded = power + above * step;
    return class + (uint32_t)above - 1;
}

int merge_neighbourhood_would_be_hub(uint64_t edges)
{
    uint64_t rounded;
    size_class_of(edges, &rounded);
    return rounded >= HUB_CAPACITY;
}

/* The number of bytes that a hub of this capacity needs before its weights; 0 for a vertex that is
 * not a hub. */
static size_t hub_bytes_or_0(uint64_t capacity)
{
    return capacity < HUB_CAPACITY ? 0 : merge_hub_bytes(capacity);
}

/* The number of bytes before the header of a neighbourhood: its weights and what a hub keeps. */
static size_t bytes_before_header(uint64_t capacity)
{
    return hub_bytes_or_0(capacity) + capacity * sizeof(weight_bits);
}

static size_t all_bytes(uint64_t capacity, merge_linkage linkage)
{
    return bytes_before_header(capacity) + sizeof(neighbourhood) +
           capacity * half_edge_size(linkage);
}

neighbourhood *merge_neighbourhood_make(arena *memory, uint64_t capacity, merge_linkage linkage)
{
    uint64_t rounded;
    uint32_t class = size_class_of(capacity, &rounded);
    size_t before = bytes_before_header(rounded), weights = hub_bytes_or_0(rounded);
    char *piece = arena_take_piece(memory, class, all_bytes(rounded, linkage));
    if (!piece)
        return NULL;
    memset(piece + weights, 0xff, before - weights); /* NO_WEIGHT */
    neighbourhood *made = (neighbourhood *)(piece + before);
    *made = (neighbourhood){.capacity = (uint32_t)rounded, .unused = NO_SLOT};
    if (is_hub(made))
        merge_hub_make(made, piece);
    return made;
}

void merge_neighbourhood_give_back(arena *memory, neighbourhood *edges, merge_linkage linkage)
{
    uint64_t capacity;
    uint32_t class = size_class_of(edges->capacity, &capacity);
    if (is_hub(edges))
        merge_hub_give_back(memory, edges);
    arena_give_back(memory, class, (char *)edges - bytes_before_header(capacity),
                    all_bytes(capacity, linkage));
}
