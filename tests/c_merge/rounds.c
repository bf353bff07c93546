/* The counters of a library that serial_share.py loads. They are not atomic: only the thread that
 * called the merge writes to them, between two rounds. */
#include "rounds.h"

int64_t parallel_merges; /* made while several workers ran */
int64_t serial_merges;   /* made by one worker, after all others had ended */
int64_t longest_chain;   /* the most merges of a worker in each round, added over all rounds */

void note_round(int32_t workers, uint64_t merges, uint64_t most)
{
    *(workers > 1 ? &parallel_merges : &serial_merges) += (int64_t)merges;
    longest_chain += (int64_t)most;
}
