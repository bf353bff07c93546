/* A grid's rows as runs of pixels of one super-vertex, and where runs meet along an offset. */
#ifndef RUNS_H
#define RUNS_H

#include "graph.h"

typedef struct {
    uint32_t begin; /* along the row */
    uint32_t end;
    uint32_t vertex; /* the super-vertex that all its pixels are in */
} run;

typedef struct {
    run *runs;
    uint64_t *first; /* of each row; one more for the end */
} run_list;

/* Every vertex's parent is its super-vertex by now. */
int runs_make(run_list *list, const graph *graph, arena *arena);

/* Pixels along an offset: the edges from "from" on, "length" of them, join u and v. */
typedef struct {
    uint32_t u;
    uint32_t v;
    const uint16_t *affinities;
    uint32_t length;
} run_meeting;

typedef int (*meeting_visitor)(void *context, const run_meeting *meeting);

/* Visits all meetings of a channel, in rows first .. last - 1 of its first ends; stops at the first
 * status other than MERGE_OK and returns it. "inner": those with both ends in one super-vertex, or
 * those with two. */
int runs_meet(const run_list *list, const merge_problem *problem, int64_t channel, int inner,
              meeting_visitor visit, void *context);

static inline uint64_t meeting_total(const run_meeting *meeting)
{
    uint64_t total = 0;
    for (uint32_t i = 0; i < meeting->length; i++)
        total += meeting->affinities[i];
    return total;
}

#endif
