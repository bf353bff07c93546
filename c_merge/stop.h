/* The flag with which a caller stops a merge, and how often the merge looks at it.
 *
 * Loops whose steps do little work look once in STEPS_PER_LOOK steps, all others at each step. When
 * the flag is set, a function returns MERGE_STOPPED, like any other error: what it was changing may
 * then be half changed, and is released without being read.
 */
#ifndef STOP_H
#define STOP_H

#include "merge.h"

#ifndef STEPS_PER_LOOK
#define STEPS_PER_LOOK 16384
#endif

/* Tests define another look, which counts the looks and stops the merge at one of them. */
#ifndef LOOK_AT_STOP
#define LOOK_AT_STOP(stop) ((stop) && __atomic_load_n(stop, __ATOMIC_RELAXED) != 0)
#endif

/* Whether the caller wants the merge to stop. */
static inline int must_stop(const merge_problem *problem)
{
    return LOOK_AT_STOP(problem->stop);
}

/* The end of the part of a loop that begins with step "first" and runs without a look. The loop has
 * "count" steps. */
static inline uint64_t end_of_part(uint64_t first, uint64_t count)
{
    return count - first < STEPS_PER_LOOK ? count : first + STEPS_PER_LOOK;
}

/* The same as must_stop for step number "step" of a loop: looks at some of the steps only. */
static inline int must_stop_at(const merge_problem *problem, uint64_t step)
{
    return step % STEPS_PER_LOOK == 0 && must_stop(problem);
}

#endif
