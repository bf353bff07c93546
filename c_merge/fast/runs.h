/* Reads the pixel edges of a grid run by run, which is faster than pixel by pixel.
 *
 * A run is a series of pixels in a row of the grid that are in the same super-vertex. Two runs meet
 * along an offset if the offset leads from pixels of one run to pixels of the other one.
 */
#ifndef RUNS_H
#define RUNS_H

#include "graph.h"

typedef struct {
    uint32_t begin;  /* the first pixel, counted from the start of the row */
    uint32_t end;    /* the last pixel + 1 */
    uint32_t vertex; /* the super-vertex of the pixels */
} run;

typedef struct {
    run *runs;
    uint64_t *first; /* the index of the first run of each row, then the number of runs */
} run_list;

/* Finds the runs of all rows. Before the call, the parent of every vertex must be its super-vertex.
 * Returns a merge_status. */
int merge_runs_make(run_list *list, const graph *g, arena *memory);

/* Where two runs meet: "length" consecutive pixel edges along an offset, from super-vertex u to v.
 */
typedef struct {
    uint32_t u;
    uint32_t v;
    const uint16_t *affinities;
    uint32_t length;
} run_meeting;

/* A function that is called with a meeting. It returns a merge_status. */
typedef int (*meeting_visitor)(void *context, const run_meeting *meeting);

#define ALL_STAGES (-1)

/* The meetings to be visited: those that start in some rows, along the offsets of a stage. */
typedef struct {
    int32_t stage; /* or ALL_STAGES */
    int inner;     /* 1 for meetings inside one super-vertex, 0 for meetings between two */
    int64_t first_row;
    int64_t end_row; /* the last row + 1 */
} run_walk;

/* Calls visit for the meetings of a walk, row by row, because super-vertices that meet in one row
 * mostly meet in the next row too. Stops at the first status other than MERGE_OK and returns it. */
int merge_visit_meetings(const run_list *list, const merge_problem *problem, const run_walk *walk,
                         meeting_visitor visit, void *context);

#endif
