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

/* Before the call every vertex's parent must be its super-vertex. */
int merge_runs_make(run_list *list, const graph *g, arena *memory);

/* "length" consecutive pixel edges along an offset, from super-vertex u to v. */
typedef struct {
    uint32_t u;
    uint32_t v;
    const uint16_t *affinities;
    uint32_t length;
} run_meeting;

typedef int (*meeting_visitor)(void *context, const run_meeting *meeting);

#define ALL_STAGES (-1)

/* Which meetings to visit: along the offsets of a stage (or of ALL_STAGES), from some rows. */
typedef struct {
    int32_t stage;
    int inner; /* those inside one super-vertex; if 0, those between two */
    int64_t first_row;
    int64_t end_row;
} run_walk;

/* Calls visit for the meetings row by row, because super-vertices that meet in one row mostly meet
 * in the next too. Stops at the first status other than MERGE_OK and returns it. */
int merge_visit_meetings(const run_list *list, const merge_problem *problem, const run_walk *walk,
                         meeting_visitor visit, void *context);

#endif
