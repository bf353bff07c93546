/* Writes the segments, which are the super-vertices left at the end, to the caller's arrays. */
#ifndef FAST_SEGMENTS_H
#define FAST_SEGMENTS_H

#include "worker_pool.h"

/* Writes labels, sizes and confidences. Overwrites the graph's names, parents and marks. */
int merge_fast_write_segments(worker_pool *pool, merge_output *output);

#endif
