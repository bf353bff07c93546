/* A binary heap of edges with the edge of the highest rank on top.
 *
 * The rank of an edge is the tuple (weight, smaller end, larger end), compared in this order. Ends
 * are given by the names of super-vertices.
 */
#ifndef EDGE_HEAP_H
#define EDGE_HEAP_H

#include <stdint.h>

#include "../merge.h"

/* An edge and its rank. The rank is stored in two integers, so that two comparisons are enough:
 * weights are >= 0, and the bits of floats >= 0 have the same order as the floats. */
typedef struct {
    uint64_t weight_and_small; /* bits of the weight << 32 | smaller end */
    uint32_t large;
    uint32_t edge;
} heap_entry;

typedef struct {
    heap_entry *entries;
    uint64_t count;
    uint64_t capacity;
} edge_heap;

/* The entry of an edge between the super-vertices with the names u and v. */
heap_entry merge_heap_entry_of(float weight, uint32_t u, uint32_t v, uint32_t edge);

/* Whether two entries have the same weight and ends. */
int merge_heap_entries_equal(const heap_entry *x, const heap_entry *y);

void merge_edge_heap_free(edge_heap *heap);

/* Empties the heap and makes room for "count" entries. Returns a merge_status. */
int merge_edge_heap_reserve(edge_heap *heap, uint64_t count);

/* Appends an entry without ordering the heap. */
void merge_edge_heap_append(edge_heap *heap, heap_entry entry);

/* Orders the heap after entries of a problem have been appended. Returns a merge_status. */
int merge_edge_heap_order(edge_heap *heap, const merge_problem *problem);

void merge_edge_heap_pop(edge_heap *heap);
void merge_edge_heap_replace_top(edge_heap *heap, heap_entry entry);

#endif
