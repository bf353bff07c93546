/* A queue of vertices: a heap, ordered by upper bounds of the ranks of their best edges. Ranks only
 * fall. So a vertex may come to the top too early, but never too late. */
#ifndef VERTEX_QUEUE_H
#define VERTEX_QUEUE_H

#include "graph.h"

#define QUEUE_CHILDREN 4

/* A vertex, and an upper bound of the rank of its best edge. */
typedef struct {
    edge_key weight_and_small; /* weight and the smaller name */
    uint32_t large;            /* the larger name */
    uint32_t vertex;
} queue_entry;

typedef struct {
    queue_entry *entries; /* no child has a higher rank than its parent */
    uint64_t count;
} vertex_queue;

static inline queue_entry queue_entry_of(const graph *g, uint32_t vertex, best_edge best)
{
    uint32_t mine = g->vertices[vertex].name;
    if (best.to & STALE) /* the other end is not known, but the smaller name is at most "mine" */
        return (queue_entry){key_of(best.weight, mine), UINT32_MAX, vertex};
    uint32_t other = g->vertices[best.to & ~STALE].name;
    return (queue_entry){key_of(best.weight, mine < other ? mine : other),
                         mine < other ? other : mine, vertex};
}

static inline int ranks_higher(const queue_entry *x, const queue_entry *y)
{
    if (x->weight_and_small != y->weight_and_small)
        return x->weight_and_small > y->weight_and_small;
    return x->large > y->large;
}

static inline uint64_t highest_child(const vertex_queue *queue, uint64_t position)
{
    uint64_t first = QUEUE_CHILDREN * position + 1, highest = first;
    uint64_t end = first + QUEUE_CHILDREN < queue->count ? first + QUEUE_CHILDREN : queue->count;
    for (uint64_t child = first + 1; child < end; child++)
        if (ranks_higher(&queue->entries[child], &queue->entries[highest]))
            highest = child;
    return highest;
}

/* Puts an entry where it belongs, at or below a free position. */
static inline void sift_down(vertex_queue *queue, uint64_t position, queue_entry entry)
{
    while (QUEUE_CHILDREN * position + 1 < queue->count) {
        uint64_t child = highest_child(queue, position);
        if (!ranks_higher(&queue->entries[child], &entry))
            break;
        queue->entries[position] = queue->entries[child];
        position = child;
    }
    queue->entries[position] = entry;
}

/* Orders the queue after entries have been added at any position. */
static inline void order_queue(vertex_queue *queue)
{
    for (uint64_t i = queue->count / QUEUE_CHILDREN + 1; i-- > 0;)
        if (i < queue->count)
            sift_down(queue, i, queue->entries[i]);
}

static inline void drop_top(vertex_queue *queue)
{
    queue->count--;
    if (queue->count > 0)
        sift_down(queue, 0, queue->entries[queue->count]);
}

#endif
