/* Checks of the input: what every merge asks of a problem before it reads the affinities. The graph
 * that a merge builds from it is checked by fast/check_graph.h, in debug builds. */
#ifndef CHECK_PROBLEM_H
#define CHECK_PROBLEM_H

#include "merge.h"

/* Returns a merge_status. The lengths of arrays cannot be checked. */
int merge_check_problem(const merge_problem *problem);

static inline int64_t num_vertices_of(const merge_problem *problem)
{
    return problem->shape[0] * problem->shape[1] * problem->shape[2];
}

/* The index of the first listed edge of the given stage or of a later one. Edges are listed in
 * ascending order of stage. */
int64_t merge_first_of_stage(const merge_problem *problem, int32_t stage);

#endif
