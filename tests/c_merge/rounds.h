/* Counts the merges of each round of the fast merge (c_merge/fast/merge_stage.c). The compiler
 * includes this file before all others. */
#ifndef ROUNDS_H
#define ROUNDS_H

#include <stdint.h>

/* Counts the merges of a round in which "workers" workers ran at the same time. "most": the merges
 * of the worker that made the most. */
void note_round(int32_t workers, uint64_t merges, uint64_t most);

#define NOTE_ROUND(workers, merges, most) note_round(workers, merges, most)

#endif
