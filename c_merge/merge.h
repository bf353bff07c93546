/* The graph merge, as Python calls it: the caller owns every array and passes it in.
 *
 * cffi reads this header too (build_c_merge.py), so that it holds nothing but plain declarations.
 * Every name that the linker sees begins with merge_, the prefix of this library; in the rest of
 * such a name, as in comments, to merge means to make one super-vertex of two.
 */
#ifndef MERGE_H
#define MERGE_H

#include <stdint.h>

typedef enum {
    MERGE_OK = 0,
    MERGE_OUT_OF_MEMORY = 1,
    MERGE_BAD_ARGUMENT = 2,
    MERGE_OVERFLOW = 3,
    MERGE_BROKEN = 4 /* only with MERGE_CHECK: an invariant of the graph does not hold */
} merge_status;

typedef enum {
    LINKAGE_AVERAGE = 0,
    LINKAGE_WEIGHTED = 1,
    LINKAGE_SINGLE = 2,
    LINKAGE_COMPLETE = 3
} merge_linkage;
enum { NUM_LINKAGES = 4 };

/* One problem, in one of two forms.
 *
 * Grid form (is_grid is not 0): a channel is an offset. shape has three axes, the first is 1 in two
 * dimensions; offsets_or_ends holds three numbers a channel; affinities is (num_channels, *shape);
 * mask is not 0 in the foreground. Offsets are lexicographically positive.
 *
 * Edge form: a channel is an edge, in ascending order of stage. offsets_or_ends holds its two
 * vertices; affinities is (num_channels,); shape is (1, 1, number of vertices); mask is not read.
 *
 * Either way stages has one entry a channel, in 0..num_stages - 1.
 */
typedef struct {
    int32_t is_grid;
    int32_t linkage;
    int32_t num_stages;
    int64_t shape[3];
    int64_t num_channels;
    const int64_t *offsets_or_ends;
    const int32_t *stages;
    const uint16_t *affinities;
    const uint8_t *mask;
    const float *thresholds;
} merge_problem;

/* A merge in the history is a packed row, like a numpy record, so its numbers may be unaligned:
 * int32_t stage, int64_t a and b (the names of the two ends, a < b), float weight. */
enum { HISTORY_ROW_BYTES = 24 };

/* labels has one entry a vertex; sizes, confidences and history have "capacity" entries: at least
 * as many as the foreground has vertices, or the call returns MERGE_BAD_ARGUMENT. The call sets the
 * two counts. */
typedef struct {
    int64_t capacity;
    int32_t *labels;
    int64_t *sizes;
    double *confidences;
    void *history;
    int64_t num_segments;
    int64_t num_merges;
} merge_output;

/* The literal greedy loop with a heap and a hash map, one thread. Returns a merge_status. */
int merge_heap(const merge_problem *problem, merge_output *output);

/* The same result without a heap, on at most so many threads, at least 1. Returns a merge_status.
 */
int merge_fast(const merge_problem *problem, int32_t threads, merge_output *output);

#endif
