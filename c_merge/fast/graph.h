/* The graph: its vertices, the edges between them, and the best edge of each vertex.
 *
 * A super-vertex has the number of one of its vertices. Its name is the smallest vertex in it.
 * Every edge is stored as two half-edges, one at each end. The two are twins: each holds the slot
 * of the other one, so that the code finds it without a search. See DESIGN.md.
 */
#ifndef GRAPH_H
#define GRAPH_H

#include "../stop.h"
#include "hub.h"

#define NO_VERTEX UINT32_MAX
#define NOT_LISTED UINT32_MAX
#define POSTPONED (UINT32_MAX - 1) /* left out of all worklists until all workers are done */

/* The best edge of a vertex, as the last search found it.
 *
 * If the flag STALE is set in "to", the edge must be searched for again before it is used, and
 * "weight" is an upper bound. There are two reasons. Either the edge has changed, and "to" is
 * NO_VERTEX. Or another edge of the vertex weighs the same, or may do so (as at every hub): then
 * the names of neighbours decide which edge is best, and a neighbour may have got another name. */
typedef struct {
    weight_bits weight; /* of the heaviest edge, or NO_WEIGHT */
    uint32_t to;
} best_edge;

#define STALE ((uint32_t)1 << 31)

/* One of the neighbours of every pixel, in the first stage that has edges. */
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

/* A vertex takes 32 bytes, so that two vertices fit into a cache line. */
typedef struct {
    neighbourhood *edges;    /* NULL until the edges are read from the grid: see pixel_edges.h */
    best_edge best;          /* its weight is NO_WEIGHT once the vertex was merged into another */
    uint32_t name;           /* the smallest vertex in the super-vertex; of a grid, its pixel */
    uint32_t parent;         /* the vertex that it was merged into, or else the vertex itself */
    uint32_t mark;           /* a slot in the neighbourhood of another vertex: contract_edge.h */
    uint32_t worklist_index; /* the position in the worklist, or NOT_LISTED, or POSTPONED */
} vertex_state;

typedef struct {
    const merge_problem *problem;
    merge_linkage linkage;
    uint32_t count;   /* the number of vertices in the foreground; vertex_order.h numbers them */
    uint32_t *number; /* the vertex of each pixel, NO_VERTEX outside the mask and at inert pixels
                         (inert_pixels.h); NULL: pixel p is vertex p */
    tile *tiles;      /* num_tiles of them, and a last one that holds the end */
    uint64_t num_tiles;

    vertex_state *vertices; /* the vertices, the sentinel (number "count"), and a sentinel for each
                               worker */
    uint32_t *next_in_bucket; /* see vertex_queue.h */
    uint32_t *blocker;  /* the blocker of each vertex that was found last; NULL where pairs may
                           be merged in any order */
    uint8_t *at_border; /* whether a vertex has an edge to a vertex of another worker */

    pixel_neighbour *pixel_neighbours; /* those in the second half are opposite to the first */
    uint32_t num_pixel_neighbours;
    int first_stage_has_begun;
    uint16_t *forward_affinities; /* from each vertex to the first half of its neighbours; NULL if
                                     they are few */
    int64_t *jumps;               /* from a pixel to each neighbour, counted in pixels */
    uint32_t
        *by_name; /* indices of pixel_neighbours, in ascending order of the neighbours' names */
    int64_t margin[3];   /* pixels this far from the border of the grid have all neighbours */
    merge_row *merges;   /* of this stage, in the order of merging; they lie in the unused part of
                            the caller's history */
    uint64_t num_merges; /* of all stages so far */
    wide_sums wide_sums;
} graph;

/* Where the order of merges matters, a worker looks at all neighbours of a pair before it merges
 * the pair. It counts what it looks at: a visit and a search for a best edge take as much patience
 * as several looks, and a merge adds some. When the patience is below zero, the rest of the stage
 * is merged by rank. DESIGN.md says why. */
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
    uint32_t marked;   /* the vertex whose neighbours have valid marks, or NO_VERTEX */
    uint32_t sentinel; /* the sentinel that this worker marks in place of a missing neighbour */
    int64_t patience;  /* when it is below zero, the worker visits no more vertices */
    int uses_worklist; /* whether a vertex whose best edge has changed is put on the worklist */
    int has_hubs;      /* whether the range of the worker may contain hubs */
    int alone;         /* whether no other worker is running */
    int status;
    uint64_t first_tile; /* the range of tiles of this worker */
    uint64_t end_tile;
    uint32_t *worklist;
    uint64_t worklist_height;
    uint64_t worklist_capacity; /* entries; when it is reached, entries are dropped, or it grows */
    uint64_t worklist_room;     /* entries that the memory of the worklist has room for */
    merge_row *merges;
    merge_row *next_merge;
    /* Slots of the edges of the vertex that contract_edge merges into another one. */
    uint32_t *joined;
    uint32_t *inherited;
    uint32_t num_joined;
    uint32_t num_inherited;
    uint32_t split_capacity;
    char padding[FETCHED_TOGETHER]; /* keeps what two workers write on different cache lines */
} worker;

/* Makes room for "live" edges at a vertex. Edges keep their slots. Returns a merge_status. */
int merge_neighbourhood_grow(worker *me, uint32_t vertex, uint64_t live, merge_linkage linkage);

/* Moves the edges of a vertex into a smaller neighbourhood, without unused slots. Returns a
 * merge_status. */
int merge_neighbourhood_compact(worker *me, uint32_t vertex, merge_linkage linkage);

/* Sets the bounds of a vertex that has just become a hub, and adds it to the tables of the hubs
 * beside it. Returns a merge_status. */
int merge_hub_enter(worker *me, uint32_t vertex, merge_linkage linkage);

/* Makes the table of a hub, with all hubs beside it. Returns a merge_status. */
int merge_hub_list_hubs(worker *me, uint32_t vertex, merge_linkage linkage);

/* Whether the memory for a piece or a wide sum could not be allocated. */
static inline int worker_failed(worker *me)
{
    return me->arena.failed || merge_wide_sums_failed(&me->graph->wide_sums);
}

/* Whether a vertex must not be merged in this round of workers: see worker_pool.h. */
static inline int must_not_merge_yet(const worker *me, uint32_t vertex)
{
    return !me->alone && me->graph->at_border[vertex];
}

static inline int is_alive(const graph *g, uint32_t vertex)
{
    return g->vertices[vertex].parent == vertex;
}

/* Sets *root to the super-vertex that contains a vertex. The way to it may be as long as the graph
 * has vertices, where each survivor of a merge was merged into another vertex next. Returns a
 * merge_status. */
static inline int find_root(graph *g, uint32_t vertex, uint32_t *root)
{
    vertex_state *all = g->vertices;
    for (uint64_t step = 1; all[vertex].parent != vertex; step++) {
        if (must_stop_at(g->problem, step))
            return MERGE_STOPPED;
        vertex = all[vertex].parent = all[all[vertex].parent].parent;
    }
    *root = vertex;
    return MERGE_OK;
}

#endif
