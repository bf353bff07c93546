/* The result of merging a case, and functions that compare two results. */
#ifndef RESULTS_H
#define RESULTS_H

#include "cases.h"

/* An output with its arrays, each exactly as long as needed. */
typedef struct {
    merge_output output;
    int32_t *labels;
    int64_t *sizes;
    double *confidences;
    char *history;
} merge_result;

/* Makes an output for a case; its arrays hold arbitrary bytes. The caller frees it with
 * result_free. Aborts the program if there is not enough memory. */
merge_result result_make(const merge_case *made);
void result_free(merge_result *result);

/* Whether two merges of a case returned the same status and, if it is MERGE_OK, the same bytes.
 * Prints the first difference to stderr. */
int results_agree(const merge_case *made, int expected_status, const merge_result *expected,
                  int status, const merge_result *result);

/* Merges a case with merge_heap and with merge_fast; whether both give the same status and bytes.
 */
int merges_agree(const merge_case *made);

/* The main function of programs with the arguments COUNT and LONGEST, which try something on both
 * merges of COUNT random problems. "count_tried" returns how often it was tried on one merge, or -1
 * if the merge was wrong. "what": what was tried. Returns the exit status. */
int try_random_problems(int argc, char **argv,
                        long (*count_tried)(int fast, const merge_case *made), const char *what);

#endif
