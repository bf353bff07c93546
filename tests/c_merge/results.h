/* The result of a merge of a case, and whether two merges gave the same. */
#ifndef RESULTS_H
#define RESULTS_H

#include "cases.h"

/* An output that owns its arrays, each exactly as long as needed. */
typedef struct {
    merge_output output;
    int32_t *labels;
    int64_t *sizes;
    double *confidences;
    char *history;
} merge_result;

/* The caller frees it. Aborts the program without memory. */
merge_result result_make(const merge_case *made);
void result_free(merge_result *result);

/* Whether two merges of a case returned the same status and, where that is MERGE_OK, the same
 * bytes. Prints the first difference to stderr. */
int results_agree(const merge_case *made, int expected_status, const merge_result *expected,
                  int status, const merge_result *result);

/* Whether merge_fast, with the case's threads, gives what merge_heap gives. */
int merges_agree(const merge_case *made);

#endif
