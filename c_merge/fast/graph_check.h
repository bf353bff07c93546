/* The invariants of the graph, looked at after every stage in builds with MERGE_CHECK. */
#ifndef GRAPH_CHECK_H
#define GRAPH_CHECK_H

#include "graph.h"

/* MERGE_BROKEN if one does not hold: then the C code is wrong, not the problem. */
int graph_check(const graph *g, weight_bits threshold);

#endif
