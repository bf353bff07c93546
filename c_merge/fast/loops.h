/* The merge loop, once for every linkage and set of instructions. */
#ifndef LOOPS_H
#define LOOPS_H

#include "graph.h"

/* Merges until the worklist is empty; returns a merge_status. */
typedef int (*drain_function)(worker *me);

int find_first_best_portable(graph *graph, arena *scratch);
int find_first_best_avx2(graph *graph, arena *scratch);
int drain_average_portable(worker *me);
int drain_weighted_portable(worker *me);
#if defined(__x86_64__)
int drain_average_avx2(worker *me);
int drain_weighted_avx2(worker *me);
#endif

/* The quickest that this processor can run. */
drain_function drain_for(int32_t linkage);

#endif
