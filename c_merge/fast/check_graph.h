/* Checks the invariants of the graph after every stage, only in debug builds (MERGE_CHECK). In
 * every build, check_problem.h checks the problem. */
#ifndef CHECK_GRAPH_H
#define CHECK_GRAPH_H

#include "graph.h"

/* Returns MERGE_BROKEN if an invariant does not hold. Then the C code is wrong, not the problem. */
int merge_check_graph(const graph *g, weight_bits threshold);

#endif
