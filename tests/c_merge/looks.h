/* Replaces the look at the stop flag (c_merge/stop.h) by a function of a test program. The compiler
 * includes this file before all others. */
#ifndef LOOKS_H
#define LOOKS_H

#include <stdint.h>

/* Whether the merge must stop at this look. Each test program defines it. */
int look_at_stop(const int32_t *stop);

#define LOOK_AT_STOP(stop) look_at_stop(stop)
#define STEPS_PER_LOOK 64 /* so that small problems have many looks */

#endif
