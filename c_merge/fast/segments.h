/* From the graph to the caller's labels, sizes and confidences. */
#ifndef SEGMENTS_H
#define SEGMENTS_H

#include "worker_pool.h"

/* Labels, sizes and confidences. The graph is of no use afterwards. */
int segments_write(team *crew, merge_output *output);

#endif
