/* What the beginning of a stage adds to the graph. */
#ifndef STAGE_H
#define STAGE_H

#include "graph.h"

/* Adds the pixel edges of a stage that join two super-vertices. Works in "scratch", which the caller
 * releases. */
int stage_edges_add(worker *me, arena *scratch, int32_t stage);

#endif
