#include "hub.h"

/* Capacities are 8, 16, 24, 32, 48, 64, 96, 128, 192, ... */
static uint32_t size_class_of(uint64_t capacity, uint64_t *rounded)
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

neighbourhood *merge_neighbourhood_make(arena *memory, uint64_t capacity, merge_linkage linkage)
{
    uint64_t rounded;
    uint32_t class = size_class_of(capacity, &rounded);
    size_t before = merge_hub_bytes(rounded), weights = rounded * sizeof(weight_bits);
    char *piece = arena_take_piece(memory, class,
                                   before + weights + sizeof(neighbourhood) +
                                       rounded * half_edge_size(linkage));
    if (!piece)
        return NULL;
    memset(piece + before, 0xff, weights); /* NO_WEIGHT */
    neighbourhood *made = (neighbourhood *)(piece + before + weights);
    *made = (neighbourhood){.capacity = (uint32_t)rounded, .unused = NO_SLOT};
    if (is_hub(made))
        merge_hub_make(made, piece);
    return made;
}

void merge_neighbourhood_give_back(arena *memory, neighbourhood *edges)
{
    uint64_t capacity;
    uint32_t class = size_class_of(edges->capacity, &capacity);
    if (is_hub(edges))
        merge_hub_give_back(memory, edges);
    arena_give_back(memory, class,
                    (char *)((weight_bits *)edges - capacity) - merge_hub_bytes(capacity));
}
