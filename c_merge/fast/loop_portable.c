/* The merge loop with the instructions that every processor of the architecture has. */
#define DRAIN_AVERAGE drain_average_portable
#define FIND_FIRST_BEST find_first_best_portable
#define DRAIN_WEIGHTED drain_weighted_portable

#include "loops.h"

#include "loop.h"
