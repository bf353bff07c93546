/* Problems for the merges, made out of bytes: a fuzzer's, or random ones.
 *
 * Few vertices, and few values for affinities and thresholds: so there are many ties and many
 * weights equal to the threshold. seeds.py writes such bytes and must follow what case_make reads.
 */
#ifndef CASES_H
#define CASES_H

#include <stddef.h>

#include "merge.h"

/* Gives its bytes one after the other, and then random ones or, if the state is 0, zeros. */
typedef struct {
    const uint8_t *next;
    const uint8_t *end;
    uint64_t state;
} byte_source;

/* A problem that owns its arrays, each exactly as long as needed, and a number of threads. */
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

/* A valid problem: no side of a grid is longer than longest, and a graph has at most longest^2 / 2
 * vertices. The caller frees it. Aborts the program without memory. */
merge_case case_make(byte_source *source, int64_t longest);
void case_free(merge_case *made);

#endif
