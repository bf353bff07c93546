/* A queue of vertices, ordered by upper bounds of the ranks of their best edges. Ranks only fall.
 * So a vertex may come to the top too early, but never too late.
 *
 * Weights are divided into buckets. The vertices of the highest bucket that is not empty lie in a
 * heap, those of each lower bucket in a list. A vertex whose bound falls below the highest bucket
 * leaves the heap for the list of its bucket. So the heap is small where weights differ, and a list
 * costs one write for each vertex.
 */
#ifndef VERTEX_QUEUE_H
#define VERTEX_QUEUE_H

#include "graph.h"

#define QUEUE_CHILDREN 4
#define FEWEST_BUCKETS 16
#define MOST_BUCKETS 65536
#define VERTICES_PER_BUCKET 8

/* A vertex, and an upper bound of the rank of its best edge. */
typedef struct {
    edge_key weight_and_small; /* weight and the smaller name */
    uint32_t large;            /* the larger name */
    uint32_t vertex;
} queue_entry;

typedef struct {
    arena *memory;
    queue_entry *entries; /* the heap: no child has a higher rank than its parent */
    uint64_t count;       /* of entries */
    uint64_t capacity;
    uint32_t highest;  /* the bucket whose vertices are in the heap */
    float num_buckets; /* a whole number */
    uint32_t *first;   /* the first vertex of each bucket, or NO_VERTEX */
    uint32_t *next;    /* of each vertex the next one in the same bucket, or NO_VERTEX */
} vertex_queue;

/* Makes an empty queue for all vertices. "space" has room for "room" numbers, which the queue may
 * use. Returns a merge_status. */
static inline int make_queue(vertex_queue *queue, arena *memory, const graph *g, uint32_t *space,
                             uint64_t room)
{
    uint32_t buckets = g->count / VERTICES_PER_BUCKET;
    buckets = buckets < FEWEST_BUCKETS ? FEWEST_BUCKETS : buckets;
    buckets = buckets > MOST_BUCKETS ? MOST_BUCKETS : buckets;
    *queue = (vertex_queue){.memory = memory,
                            .num_buckets = (float)buckets,
                            .highest = buckets + 1,
                            .next = g->next_in_bucket};
    queue->first = buckets < room ? space
                                  : merge_arena_take_array(memory, (uint64_t)buckets + 1,
                                                           sizeof *queue->first);
    if (!queue->first)
        return MERGE_OUT_OF_MEMORY;
    memset(queue->first, 0xff, ((size_t)buckets + 1) * sizeof *queue->first); /* NO_VERTEX */
    return MERGE_OK;
}

/* The bucket of a weight between 0 and 1. No weight has a lower bucket than a smaller weight. */
static inline uint32_t bucket_of(const vertex_queue *queue, weight_bits weight)
{
    return (uint32_t)(weight_of(weight) * queue->num_buckets);
}

static inline void add_to_bucket(vertex_queue *queue, uint32_t vertex, uint32_t bucket)
{
    queue->next[vertex] = queue->first[bucket];
    queue->first[bucket] = vertex;
}

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

/* Orders the queue after entries of a problem have been added at any position. Returns a
 * merge_status. */
static inline int order_queue(vertex_queue *queue, const merge_problem *problem)
{
    for (uint64_t i = queue->count / QUEUE_CHILDREN + 1; i-- > 0;) {
        if (must_stop_at(problem, i))
            return MERGE_STOPPED;
        if (i < queue->count)
            sift_down(queue, i, queue->entries[i]);
    }
    return MERGE_OK;
}

static inline void drop_top(vertex_queue *queue)
{
    queue->count--;
    if (queue->count > 0)
        sift_down(queue, 0, queue->entries[queue->count]);
}

/* Lowers the bound of the vertex at the top. */
static inline void lower_top(vertex_queue *queue, queue_entry lowered)
{
    uint32_t bucket = bucket_of(queue, weight_of_key(lowered.weight_and_small));
    if (bucket == queue->highest) {
        sift_down(queue, 0, lowered);
        return;
    }
    drop_top(queue);
    add_to_bucket(queue, lowered.vertex, bucket);
}

/* Doubles the room in the heap if it is full. */
static inline int reserve_entry(vertex_queue *queue)
{
    if (queue->count < queue->capacity)
        return MERGE_OK;
    uint64_t capacity = queue->capacity ? 2 * queue->capacity : 64;
    queue_entry *entries = merge_arena_take_array(queue->memory, capacity, sizeof *entries);
    if (!entries)
        return MERGE_OUT_OF_MEMORY;
    if (queue->count > 0)
        memcpy(entries, queue->entries, queue->count * sizeof *entries);
    queue->entries = entries;
    queue->capacity = capacity;
    return MERGE_OK;
}

/* Moves the vertices of the bucket "highest" to the heap, which must be empty. Vertices whose
 * weight has fallen go to a lower bucket; those whose weight is below the threshold leave the
 * queue. */
static inline int open_bucket(vertex_queue *queue, const graph *g, weight_bits threshold)
{
    uint32_t v = queue->first[queue->highest], after, step = 0;
    queue->first[queue->highest] = NO_VERTEX;
    for (; v != NO_VERTEX; v = after) {
        best_edge best = g->vertices[v].best;
        after = queue->next[v];
        if (must_stop_at(g->problem, step++))
            return MERGE_STOPPED;
        if (best.weight < threshold)
            continue;
        uint32_t bucket = bucket_of(queue, best.weight);
        if (bucket < queue->highest) {
            add_to_bucket(queue, v, bucket);
            continue;
        }
        if (reserve_entry(queue) != MERGE_OK)
            return MERGE_OUT_OF_MEMORY;
        queue->entries[queue->count++] = queue_entry_of(g, v, best);
    }
    return order_queue(queue, g->problem);
}

/* Opens the highest bucket, and the next one if the heap stays empty, and so on. The heap is empty
 * afterwards only if the queue is. Returns a merge_status. */
static inline int open_next_bucket(vertex_queue *queue, const graph *g, weight_bits threshold)
{
    int status = MERGE_OK;
    while (queue->count == 0 && queue->highest > 0 && status == MERGE_OK) {
        if (must_stop_at(g->problem, queue->highest))
            return MERGE_STOPPED;
        queue->highest--;
        status = open_bucket(queue, g, threshold);
    }
    return status;
}

#endif
