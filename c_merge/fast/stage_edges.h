/* What the beginning of a stage adds to the graph. */
#ifndef STAGE_EDGES_H
#define STAGE_EDGES_H

#include "worker_pool.h"

/* Adds the pixel edges of a stage that join two super-vertices. */
int stage_edges_add(team *crew, int32_t stage);

#endif
