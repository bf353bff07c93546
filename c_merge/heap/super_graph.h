/* Super-vertices and the edges between them, and what merging two of them does (Algorithm 1, lines
 * 3 to 13).
 *
 * Vertices have dense numbers (problem_edges.h). One vertex of a super-vertex is its root, whose
 * number the super-vertex has. If two merge, the root is that of the one with more edges, because
 * then the shorter list of edges is moved. The name is the smallest vertex, which may not be the
 * root.
 *
 * Every edge is in the doubly linked lists of both its ends. Half-edge 2 e + side is edge e seen
 * from end[side].
 */
#ifndef SUPER_GRAPH_H
#define SUPER_GRAPH_H

#include "edge_index.h"
#include "problem_edges.h"

typedef struct {
    uint64_t total; /* total and count of pixel edges, as linkage.h combines them */
    uint64_t count;
    float weight;
    uint32_t end[2]; /* roots; end[0] is NO_VERTEX once the edge is gone */
    uint32_t next[2];
    uint32_t previous[2];
} super_edge;

typedef struct {
    uint32_t into;  /* the vertex it was merged into; itself if it is a root */
    uint32_t name;  /* its smallest vertex, by dense number */
    uint32_t first; /* half-edge of its list, or NO_EDGE */
    uint32_t degree;
} super_vertex;

typedef struct {
    merge_linkage linkage;
    uint32_t num_vertices;
    super_vertex *vertices;
    super_edge *edges;
    uint64_t num_edges; /* in use, gone edges included */
    uint64_t capacity;
    uint32_t unused; /* free list of gone edges, linked by next[0], for edges that a stage adds */
    edge_index index;
} super_graph;

int merge_super_graph_make(super_graph *graph, uint32_t num_vertices, merge_linkage linkage);
void merge_super_graph_free(super_graph *graph);

/* The root of the super-vertex that holds a vertex. */
uint32_t merge_super_graph_root(super_graph *graph, uint32_t vertex);

/* Adds the pixel edges of a stage and weighs all edges anew. The heap must be empty, because
 * numbers of gone edges are used again. */
int merge_super_graph_add_stage(super_graph *graph, const merge_problem *problem,
                                const vertex_map *map, int32_t stage);

/* Merges the two ends of an edge. Two edges that become one keep the number of the heavier. */
int merge_super_graph_contract_edge(super_graph *graph, uint32_t edge);

static inline int super_edge_is_gone(const super_edge *edge)
{
    return edge->end[0] == NO_VERTEX;
}

#endif
