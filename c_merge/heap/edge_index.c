#include "edge_index.h"

#include <stdlib.h>

#include "../stop.h"
#include "problem_edges.h"

static uint64_t pair_key(uint32_t u, uint32_t v)
{
    return u < v ? (uint64_t)u << 32 | v : (uint64_t)v << 32 | u;
}

/* The number of the bucket in which the search for a pair begins. The hash, the finaliser of
 * splitmix64, scatters pairs of neighbouring pixels, which have similar numbers. */
static uint64_t first_bucket_of(const edge_index *index, uint64_t pair)
{
    pair = (pair ^ pair >> 30) * 0xbf58476d1ce4e5b9u;
    pair = (pair ^ pair >> 27) * 0x94d049bb133111ebu;
    return (pair ^ pair >> 31) & (index->capacity - 1);
}

/* The bucket of a pair or, if the pair is not in the map, the free bucket for it. */
static edge_bucket *bucket_of(const edge_index *index, uint64_t pair)
{
    uint64_t at = first_bucket_of(index, pair);
    while (index->buckets[at].edge != NO_EDGE && index->buckets[at].pair != pair)
        at = (at + 1) & (index->capacity - 1);
    return &index->buckets[at];
}

static int allocate_buckets(edge_index *index, uint64_t capacity)
{
    if (capacity > SIZE_MAX / sizeof *index->buckets)
        return MERGE_OVERFLOW;
    index->buckets = malloc((size_t)capacity * sizeof *index->buckets);
    if (!index->buckets)
        return MERGE_OUT_OF_MEMORY;
    for (uint64_t part = 0, end; part < capacity; part = end) {
        end = end_of_part(part, capacity);
        if (must_stop(index->problem))
            return MERGE_STOPPED;
        for (uint64_t at = part; at < end; at++)
            index->buckets[at].edge = NO_EDGE;
    }
    index->capacity = capacity;
    return MERGE_OK;
}

int merge_edge_index_make(edge_index *index, uint64_t expected, const merge_problem *problem)
{
    uint64_t capacity = 16;
    while (capacity < 2 * expected)
        capacity *= 2;
    *index = (edge_index){.problem = problem};
    return allocate_buckets(index, capacity);
}

void merge_edge_index_free(edge_index *index)
{
    free(index->buckets);
    *index = (edge_index){0};
}

/* Copies all entries to another index, which is empty. Returns a merge_status. */
static int copy_entries(const edge_index *index, edge_index *larger)
{
    for (uint64_t part = 0, end; part < index->capacity; part = end) {
        end = end_of_part(part, index->capacity);
        if (must_stop(index->problem))
            return MERGE_STOPPED;
        for (uint64_t at = part; at < end; at++)
            if (index->buckets[at].edge != NO_EDGE)
                *bucket_of(larger, index->buckets[at].pair) = index->buckets[at];
    }
    return MERGE_OK;
}

static int grow_index(edge_index *index)
{
    edge_index larger = {.used = index->used, .problem = index->problem};
    int status = allocate_buckets(&larger, 2 * index->capacity);
    if (status == MERGE_OK)
        status = copy_entries(index, &larger);
    if (status != MERGE_OK) {
        merge_edge_index_free(&larger);
        return status;
    }
    free(index->buckets);
    *index = larger;
    return MERGE_OK;
}

uint32_t merge_edge_index_find(const edge_index *index, uint32_t u, uint32_t v)
{
    return bucket_of(index, pair_key(u, v))->edge;
}

int merge_edge_index_add(edge_index *index, uint32_t u, uint32_t v, uint32_t edge)
{
    if (2 * (index->used + 1) > index->capacity) {
        int status = grow_index(index);
        if (status != MERGE_OK)
            return status;
    }
    uint64_t pair = pair_key(u, v);
    *bucket_of(index, pair) = (edge_bucket){.pair = pair, .edge = edge};
    index->used++;
    return MERGE_OK;
}

void merge_edge_index_replace(edge_index *index, uint32_t u, uint32_t v, uint32_t edge)
{
    bucket_of(index, pair_key(u, v))->edge = edge;
}

void merge_edge_index_remove(edge_index *index, uint32_t u, uint32_t v)
{
    uint64_t wrap = index->capacity - 1;
    uint64_t gap = (uint64_t)(bucket_of(index, pair_key(u, v)) - index->buckets);
    /* A later entry moves into the gap, unless its first bucket lies behind the gap: then a search
     * would not find it there. */
    for (uint64_t at = (gap + 1) & wrap; index->buckets[at].edge != NO_EDGE; at = (at + 1) & wrap) {
        uint64_t from_first_bucket = (at - first_bucket_of(index, index->buckets[at].pair)) & wrap;
        if (from_first_bucket >= ((at - gap) & wrap)) {
            index->buckets[gap] = index->buckets[at];
            gap = at;
        }
    }
    index->buckets[gap].edge = NO_EDGE;
    index->used--;
}
