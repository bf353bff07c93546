/* Small problems for the merges, made from bytes: those of a fuzzer, or random ones.
 *
 * Affinities and thresholds have few different values, so there are many ties and many weights
 * equal to a threshold. seeds.py writes bytes in the format that case_make reads.
 */
#ifndef CASES_H
#define CASES_H

#include <stddef.h>

#include "merge.h"

/* A source of bytes: first those from next to end, then random bytes or, if state is 0, zeros. */
typedef struct {
    const uint8_t *next;
    const uint8_t *end;
    uint64_t state;
} byte_source;

/* A problem with its arrays and a number of threads. Each array is exactly as long as needed, so
 * that a sanitizer finds any access beyond its end. */
typedef struct {
    merge_problem problem;
    int32_t threads;      /* 1 .. 4 */
    int64_t num_vertices; /* vertices in the foreground */
    int64_t *offsets_or_ends;
    int32_t *stages;
    uint16_t *affinities;
    uint8_t *mask;
    float *thresholds;
    int64_t *sums; /* NULL, or the sum and the count of each explicit edge */
} merge_case;

/* Makes a valid problem: a grid with sides of at most longest pixels, or a graph with at most
 * longest^2 / 2 vertices. The caller frees it with case_free. Aborts the program if there is not
 * enough memory. */
merge_case case_make(byte_source *source, int64_t longest);
void case_free(merge_case *made);

#endif
