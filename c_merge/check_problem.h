/* What every merge checks about its arguments before it reads an array. */
#ifndef CHECK_PROBLEM_H
#define CHECK_PROBLEM_H

#include "merge.h"

/* Returns a merge_status. The lengths of arrays cannot be checked. */
int merge_check_problem(const merge_problem *problem);

static inline int64_t num_vertices_of(const merge_problem *problem)
{
    return problem->shape[0] * problem->shape[1] * problem->shape[2];
}

/* The first listed edge whose stage is not before the given one; their stages rise. */
int64_t merge_first_of_stage(const merge_problem *problem, int32_t stage);

#endif
