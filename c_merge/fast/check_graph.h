/* The invariants of the graph, checked after every stage in builds with MERGE_CHECK. */
#ifndef CHECK_GRAPH_H
#define CHECK_GRAPH_H

#include "graph.h"

/* MERGE_BROKEN if an invariant does not hold: then the C code is wrong, not the problem. */
int merge_check_graph(const graph *g, weight_bits threshold);

#endif
