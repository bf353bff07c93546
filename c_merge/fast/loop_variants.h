/* The functions of loop.h, which are compiled once for each instruction set. */
#ifndef LOOP_VARIANTS_H
#define LOOP_VARIANTS_H

#include "graph.h"

/* A part of the merging of a stage; returns a merge_status. */
typedef int (*merging_loop)(worker *me);

typedef struct {
    merging_loop drain_worklist; /* merges until the worklist is empty */
    merging_loop merge_by_rank;  /* merges all the rest, in the greedy order */
    /* Sets the best edges and the forward affinities of the pixels of some rows of the grid. */
    int (*find_grid_best_edges)(graph *g, int64_t first_row, int64_t end_row, arena *memory);
} compiled_loops;

compiled_loops merge_loops_portable(merge_linkage linkage);
#if defined(__x86_64__)
compiled_loops merge_loops_avx2(merge_linkage linkage);
#endif

/* The variant for the newest instruction set that this processor has. */
compiled_loops merge_loops_for(merge_linkage linkage);

#endif
