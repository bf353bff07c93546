/* Checks of the graph's invariants after every stage, in debug builds (MERGE_CHECK) only. The input
 * is checked by check_problem.h, in every build. */
#ifndef CHECK_GRAPH_H
#define CHECK_GRAPH_H

#include "graph.h"

/* MERGE_BROKEN if an invariant does not hold: then the C code is wrong, not the problem. */
int merge_check_graph(const graph *g, weight_bits threshold);

#endif
