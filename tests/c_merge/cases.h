/* Problems for the merges, made out of bytes: those of a fuzzer, or random ones.
 *
 * Few vertices, affinities of few values, thresholds of the same values: so ties abound, and the
 * weights that are just enough. seeds.py writes such bytes by hand and follows what is read here.
 */
#ifndef CASES_H
#define CASES_H

#include <stddef.h>

#include "merge.h"

/* The bytes in turn. Behind the last of them come random ones, or, where the state is 0, zeros. */
typedef struct {
    const uint8_t *next;
    const uint8_t *end;
    uint64_t state;
} byte_source;

/* A problem that owns its arrays, each exactly as long as it has to be, and a number of threads. */
typedef struct {
    merge_problem problem;
    int32_t threads;      /* 1 .. 4 */
    int64_t num_vertices; /* vertices in the foreground */
    int64_t *offsets_or_ends;
    int32_t *stages;
    uint16_t *affinities;
    uint8_t *mask;
    float *thresholds;
} merge_case;

/* A valid problem; no side of a grid is longer than longest, no graph has more vertices than a half
 * of its square. The caller frees it. Ends the program where there is no memory. */
merge_case case_make(byte_source *source, int64_t longest);
void case_free(merge_case *made);

#endif
