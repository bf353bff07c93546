/* A hash map from two super-vertices, in any order, to the number of the edge between them.
 *
 * The map uses open addressing with linear probing. When an entry is removed, later entries move
 * back to close the gap, so no markers of removed entries are needed.
 */
#ifndef EDGE_INDEX_H
#define EDGE_INDEX_H

#include <stdint.h>

#include "../merge.h"

typedef struct {
    uint64_t pair; /* smaller end << 32 | larger end */
    uint32_t edge; /* NO_EDGE if the bucket is free */
} edge_bucket;

typedef struct {
    edge_bucket *buckets;
    uint64_t capacity; /* a power of two */
    uint64_t used;
    const merge_problem *problem; /* whose edges these are */
} edge_index;

/* Makes an empty map with room for "expected" edges of a problem; it grows if there are more.
 * Returns a merge_status. */
int merge_edge_index_make(edge_index *index, uint64_t expected, const merge_problem *problem);
void merge_edge_index_free(edge_index *index);

/* The edge between u and v, or NO_EDGE if there is none. */
uint32_t merge_edge_index_find(const edge_index *index, uint32_t u, uint32_t v);

/* Adds an edge between u and v, which must not have an edge yet. Returns a merge_status. */
int merge_edge_index_add(edge_index *index, uint32_t u, uint32_t v, uint32_t edge);

/* Replaces the edge between u and v, which must have one, by another edge. */
void merge_edge_index_replace(edge_index *index, uint32_t u, uint32_t v, uint32_t edge);

/* Removes the edge between u and v, which must have one. */
void merge_edge_index_remove(edge_index *index, uint32_t u, uint32_t v);

#endif
