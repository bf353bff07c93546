#include "edge_heap.h"

#include <stdlib.h>
#include <string.h>

#include "../stop.h"

heap_entry merge_heap_entry_of(float weight, uint32_t u, uint32_t v, uint32_t edge)
{
    uint32_t bits;
    memcpy(&bits, &weight, sizeof bits);
    uint32_t small = u < v ? u : v;
    return (heap_entry){(uint64_t)bits << 32 | small, u < v ? v : u, edge};
}

int merge_heap_entries_equal(const heap_entry *x, const heap_entry *y)
{
    return x->weight_and_small == y->weight_and_small && x->large == y->large;
}

static int has_higher_rank(const heap_entry *x, const heap_entry *y)
{
    if (x->weight_and_small != y->weight_and_small)
        return x->weight_and_small > y->weight_and_small;
    return x->large > y->large;
}

void merge_edge_heap_free(edge_heap *heap)
{
    free(heap->entries);
    *heap = (edge_heap){0};
}

int merge_edge_heap_reserve(edge_heap *heap, uint64_t count)
{
    heap->count = 0;
    if (count <= heap->capacity)
        return MERGE_OK;
    free(heap->entries);
    *heap = (edge_heap){0};
    if (count > SIZE_MAX / sizeof *heap->entries)
        return MERGE_OVERFLOW;
    heap->entries = malloc((size_t)count * sizeof *heap->entries);
    if (!heap->entries)
        return MERGE_OUT_OF_MEMORY;
    heap->capacity = count;
    return MERGE_OK;
}

void merge_edge_heap_append(edge_heap *heap, heap_entry entry)
{
    heap->entries[heap->count++] = entry;
}

/* Inserts an entry at a free position or below it; children of a higher rank move up. */
static void sift_down(edge_heap *heap, uint64_t position, heap_entry entry)
{
    for (;;) {
        uint64_t child = 2 * position + 1;
        if (child >= heap->count)
            break;
        if (child + 1 < heap->count &&
            has_higher_rank(&heap->entries[child + 1], &heap->entries[child]))
            child++;
        if (!has_higher_rank(&heap->entries[child], &entry))
            break;
        heap->entries[position] = heap->entries[child];
        position = child;
    }
    heap->entries[position] = entry;
}

int merge_edge_heap_order(edge_heap *heap, const merge_problem *problem)
{
    for (uint64_t position = heap->count / 2; position-- > 0;) {
        if (must_stop_at(problem, position))
            return MERGE_STOPPED;
        sift_down(heap, position, heap->entries[position]);
    }
    return MERGE_OK;
}

void merge_edge_heap_pop(edge_heap *heap)
{
    heap->count--;
    if (heap->count > 0)
        sift_down(heap, 0, heap->entries[heap->count]);
}

void merge_edge_heap_replace_top(edge_heap *heap, heap_entry entry)
{
    sift_down(heap, 0, entry);
}
