/* Super-vertices, the edges between them, and how two super-vertices are merged (Algorithm 1, lines
 * 3 to 13).
 *
 * Vertices are given by their dense numbers (problem_edges.h). A super-vertex is stored at one of
 * its vertices, its root. When two super-vertices merge, the root of the one with more edges stays,
 * so that the shorter list of edges is moved. The name of a super-vertex is its smallest vertex,
 * which may differ from the root.
 *
 * Every edge is in two doubly linked lists, one for each end. Half-edge 2 * e + side is the entry
 * of edge e in the list of end[side].
 */
#ifndef SUPER_GRAPH_H
#define SUPER_GRAPH_H

#include "edge_index.h"
#include "problem_edges.h"

typedef struct {
    uint64_t total; /* the sum of affinities; for single and complete one affinity: see linkage.h */
    uint64_t count; /* how many affinities are added up */
    float weight;
    uint32_t end[2];      /* the roots of both ends; end[0] is NO_VERTEX if the edge is gone */
    uint32_t next[2];     /* the next half-edge in the list of each end, or NO_EDGE */
    uint32_t previous[2]; /* the previous half-edge in the list of each end, or NO_EDGE */
} super_edge;

typedef struct {
    uint32_t into;   /* the vertex that this vertex was merged into; a root has itself */
    uint32_t name;   /* of a root: the smallest dense number in the super-vertex */
    uint32_t first;  /* of a root: the first half-edge of its list, or NO_EDGE */
    uint32_t degree; /* of a root: the number of its edges */
} super_vertex;

typedef struct {
    const merge_problem *problem;
    merge_linkage linkage;
    uint32_t num_vertices;
    super_vertex *vertices;
    super_edge *edges;
    uint64_t num_edges; /* the length of "edges", gone edges included */
    uint64_t capacity;
    /* The first gone edge; next[0] of a gone edge is the next one. Their numbers are used again. */
    uint32_t unused;
    edge_index index;
} super_graph;

/* Makes a graph without edges, in which every vertex is a super-vertex. Returns a merge_status. */
int merge_super_graph_make(super_graph *graph, uint32_t num_vertices, const merge_problem *problem);
void merge_super_graph_free(super_graph *graph);

/* The root of the super-vertex that contains a vertex. */
uint32_t merge_super_graph_root(super_graph *graph, uint32_t vertex);

/* Adds the pixel edges of a stage and computes the weights of the edges that have new ones. The
 * heap must be empty, because numbers of gone edges are used again. */
int merge_super_graph_add_stage(super_graph *graph, const vertex_map *map, int32_t stage);

/* Merges the two ends of an edge. Two joined edges keep the number of the heavier one. */
int merge_super_graph_contract_edge(super_graph *graph, uint32_t edge);

/* Whether an edge was contracted or joined to another edge, so that its number is unused. */
static inline int super_edge_is_gone(const super_edge *edge)
{
    return edge->end[0] == NO_VERTEX;
}

#endif
