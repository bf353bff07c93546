/* Checks a problem before the merge. Builds with MERGE_CHECK also check the graph that the fast
 * merge makes: see fast/check_graph.h. */
#ifndef CHECK_PROBLEM_H
#define CHECK_PROBLEM_H

#include "merge.h"

/* Returns MERGE_OK or the merge_status of the first mistake. The lengths of arrays are not known,
 * so they are not checked. */
int merge_check_problem(const merge_problem *problem);

static inline int64_t num_vertices_of(const merge_problem *problem)
{
    return problem->shape[0] * problem->shape[1] * problem->shape[2];
}

/* The index of the first explicit edge whose stage is "stage" or a later one. Edges are listed in
 * ascending order of stage. */
int64_t merge_first_edge_of_stage(const merge_problem *problem, int32_t stage);

#endif
