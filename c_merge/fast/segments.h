/* From the graph to the caller's labels, sizes and confidences. */
#ifndef FAST_SEGMENTS_H
#define FAST_SEGMENTS_H

#include "worker_pool.h"

/* Writes labels, sizes and confidences. Destroys the graph's names and parents. */
int merge_fast_write_segments(worker_pool *pool, merge_output *output);

#endif
