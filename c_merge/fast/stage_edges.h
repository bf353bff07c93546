/* Adds the edges of a later stage to the graph. */
#ifndef STAGE_EDGES_H
#define STAGE_EDGES_H

#include "worker_pool.h"

/* Adds the pixel edges of a stage that join different super-vertices. Returns a merge_status. */
int merge_add_stage_edges(worker_pool *pool, int32_t stage);

#endif
