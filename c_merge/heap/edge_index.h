/* Which edge joins two super-vertices: a hash map from an unordered pair to the number of its edge.
 *
 * Open addressing with linear probing. Removal moves later entries back, so there are no markers of
 * removed entries.
 */
#ifndef EDGE_INDEX_H
#define EDGE_INDEX_H

#include <stdint.h>

typedef struct {
    uint64_t pair; /* smaller end << 32 | larger end */
    uint32_t edge; /* NO_EDGE: the bucket is free */
} edge_bucket;

typedef struct {
    edge_bucket *buckets;
    uint64_t capacity; /* a power of two */
    uint64_t used;
} edge_index;

int merge_edge_index_make(edge_index *index, uint64_t expected);
void merge_edge_index_free(edge_index *index);

/* The edge between u and v, or NO_EDGE. */
uint32_t merge_edge_index_find(const edge_index *index, uint32_t u, uint32_t v);

/* Adds an edge between u and v, which must not have one yet. Can run out of memory. */
int merge_edge_index_add(edge_index *index, uint32_t u, uint32_t v, uint32_t edge);

/* Stores another edge for u and v, which must have one. */
void merge_edge_index_replace(edge_index *index, uint32_t u, uint32_t v, uint32_t edge);

/* Removes the edge between u and v, which must have one. */
void merge_edge_index_remove(edge_index *index, uint32_t u, uint32_t v);

#endif
