/* Vertices, the edges between them, and for each vertex the best of its edges.
 *
 * A super-vertex keeps the number of one of its vertices; its name is the smallest vertex in it.
 * Every edge is stored at both ends, as two half-edges. Each holds the slot of the other, its twin,
 * so that no search is needed. See DESIGN.md.
 */
#ifndef GRAPH_H
#define GRAPH_H

#include "../merge.h"
#include "hub.h"

#define NO_VERTEX UINT32_MAX
#define NOT_LISTED UINT32_MAX
#define POSTPONED (UINT32_MAX - 1) /* in no worklist until all workers are done */

/* If the flag STALE is set in "to", the edge must be searched for before use, and weight is an
 * upper bound. Either the edge has changed ("to" is NO_VERTEX); or another edge weighs the same, so
 * that names decide, and a neighbour may have changed its name. */
typedef struct {
    weight_bits weight; /* of the heaviest edge, or NO_WEIGHT */
    uint32_t to;
} best_edge;

#define STALE ((uint32_t)1 << 31)

/* A neighbour of a pixel in the first stage that has edges. */
typedef struct {
    int64_t step[3];
    int64_t shift; /* from the pixel to the pixel at which the affinity of the edge is stored */
    const uint16_t *affinities;
} pixel_neighbour;

typedef struct {
    weight_bits weight;
    uint32_t a;
    uint32_t b;
} merge_row;

/* A block of the grid; its vertices are those from "first" up to the first of the next tile. */
typedef struct {
    uint64_t code; /* position along the Z-curve */
    int64_t corner[3];
    uint32_t first;
} tile;

/* 32 bytes, two vertices to a cache line. */
typedef struct {
    neighbourhood *edges;    /* NULL while they are in the grid only: see pixel_edges.h */
    best_edge best;          /* of one that was merged: NO_WEIGHT */
    uint32_t name;           /* the smallest vertex in it */
    uint32_t parent;         /* the vertex it was merged into; itself while it lives */
    uint32_t mark;           /* a slot in some neighbourhood: see contract_edge.h */
    uint32_t worklist_index; /* or NOT_LISTED, or POSTPONED */
} vertex_state;

typedef struct {
    const merge_problem *problem;
    merge_linkage linkage;
    uint32_t count;         /* vertices in the foreground, numbered as in vertex_order.h */
    const uint32_t *number; /* of each pixel, NO_VERTEX outside the mask; NULL: the pixel's own */
    const uint32_t *pixel;  /* of each vertex; NULL: the same */
    tile *tiles;            /* one more for the end */
    uint64_t num_tiles;

    vertex_state *vertices; /* then the sentinel (number "count"), then one for each worker */
    uint32_t *blocker;      /* of each vertex: the last one found; NULL: order is free */
    uint8_t *at_border;     /* of each vertex: whether it has an edge to another worker's vertex */

    pixel_neighbour *pixel_neighbours; /* the second half are the opposites of the first */
    uint32_t num_pixel_neighbours;
    int first_stage_has_begun;
    uint16_t *forward_affinities; /* of each vertex, to the first half of its neighbours */
    int64_t *jumps;               /* from a pixel to each of them, in raster order */
    uint32_t
        *by_name; /* indices of pixel_neighbours, in ascending order of the neighbours' names */
    int64_t margin[3]; /* pixels this far from the border of the grid have all neighbours */
    merge_row *merges; /* of all stages so far, in the order of merging */
    uint64_t num_merges;
} graph;

/* Where order matters, pairs wait for others, and every look at a neighbour whether to wait costs
 * patience. A visit and a search for a best edge cost as much as several looks; a merge earns some.
 * When none is left, the rest of the stage is merged by rank: see DESIGN.md. */
#define PATIENCE_PER_VISIT 8
#define PATIENCE_PER_SEARCH 64 /* at most: else as many as there are edges */
#define PATIENCE_PER_MERGE 600
#define MOST_PATIENCE ((int64_t)1 << 21)

#define FETCHED_TOGETHER 128 /* bytes: two cache lines, which processors fetch together */

/* One thread's share of the work. */
typedef struct {
    graph *graph;
    arena arena;
    weight_bits threshold;
    uint32_t marked;   /* the vertex whose neighbours' marks are right, or NO_VERTEX */
    uint32_t sentinel; /* its own: marked in place of a missing neighbour */
    int64_t patience;  /* below 0 nothing is visited any more */
    int uses_worklist; /* vertices whose best edge has changed are to be visited again */
    int has_hubs;      /* there may be hubs in its range */
    int alone;         /* no other worker is at work */
    int status;
    uint64_t first_tile; /* its range of tiles */
    uint64_t end_tile;
    uint32_t *worklist;
    uint64_t worklist_height;
    uint64_t worklist_capacity;
    merge_row *merges;
    merge_row *next_merge;
    /* Slots, while contract_edge splits the edges of a vertex. */
    uint32_t *joined;
    uint32_t *inherited;
    uint32_t num_joined;
    uint32_t num_inherited;
    uint32_t split_capacity;
    char padding[FETCHED_TOGETHER]; /* keeps what two workers write on different cache lines */
} worker;

/* Makes room for so many edges at a vertex; edges keep their slots. */
int merge_neighbourhood_grow(worker *me, uint32_t vertex, uint64_t live, merge_linkage linkage);

/* Moves the edges of a vertex into a smaller neighbourhood, without unused slots. */
int merge_neighbourhood_compact(worker *me, uint32_t vertex, merge_linkage linkage);

/* Makes a hub of a vertex whose neighbourhood has become that of one. */
int merge_become_hub(worker *me, uint32_t vertex, merge_linkage linkage);

/* Whether a vertex must not be merged while several workers run: see worker_pool.h. */
static inline int must_not_merge_yet(const worker *me, uint32_t vertex)
{
    return !me->alone && me->graph->at_border[vertex];
}

static inline int is_alive(const graph *g, uint32_t vertex)
{
    return g->vertices[vertex].parent == vertex;
}

/* The super-vertex that holds a vertex. */
static inline uint32_t root_of(graph *g, uint32_t vertex)
{
    vertex_state *all = g->vertices;
    while (all[vertex].parent != vertex)
        vertex = all[vertex].parent = all[all[vertex].parent].parent;
    return vertex;
}

#endif
