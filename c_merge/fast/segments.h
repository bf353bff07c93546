/* Writes the segments, which are the super-vertices that remain at the end, to the result. */
#ifndef FAST_SEGMENTS_H
#define FAST_SEGMENTS_H

#include "worker_pool.h"

/* Writes labels, sizes and confidences. Overwrites the names, parents and marks of the graph.
 * Returns a merge_status. */
int merge_fast_write_segments(worker_pool *pool, merge_output *output);

#endif
