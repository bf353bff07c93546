/* Writes a row of the history. merge.h describes the layout of a row. */
#ifndef HISTORY_ROW_H
#define HISTORY_ROW_H

#include <string.h>

#include "merge.h"

static inline void write_history_row(const merge_output *output, int64_t number, int32_t stage,
                                     int64_t a, int64_t b, float weight)
{
    char *row = (char *)output->history + HISTORY_ROW_BYTES * number;
    memcpy(row, &stage, sizeof stage);
    memcpy(row + 4, &a, sizeof a);
    memcpy(row + 12, &b, sizeof b);
    memcpy(row + 20, &weight, sizeof weight);
}

#endif
