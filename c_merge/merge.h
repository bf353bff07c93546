/* The functions that Python calls to merge a graph. The caller owns all arrays.
 *
 * cffi parses this header (build_c_merge.py), so it contains only plain declarations. All functions
 * with external linkage have the prefix merge_. In the rest of a name and in comments, to merge
 * means to make one super-vertex of two.
 */
#ifndef MERGE_H
#define MERGE_H

#include <stdint.h>

typedef enum {
    MERGE_OK = 0,
    MERGE_OUT_OF_MEMORY = 1,
    MERGE_BAD_ARGUMENT = 2,
    MERGE_OVERFLOW = 3,
    MERGE_BROKEN = 4,  /* in builds with MERGE_CHECK: an invariant of the graph does not hold */
    MERGE_STOPPED = 5, /* the caller has set the flag "stop" */
    MERGE_CHANGED = 6  /* another thread has changed the affinities during the merge */
} merge_status;

typedef enum {
    LINKAGE_AVERAGE = 0,
    LINKAGE_WEIGHTED = 1,
    LINKAGE_SINGLE = 2,
    LINKAGE_COMPLETE = 3
} merge_linkage;
enum { NUM_LINKAGES = 4 };

/* A problem in one of two forms.
 *
 * A grid (is_grid is not 0): a channel is an offset. shape has three axes; the first one has length
 * 1 if the grid has two dimensions. offsets_or_ends has three numbers for each channel, and offsets
 * are lexicographically positive. affinities is (num_channels, *shape). mask is not 0 in the
 * foreground.
 *
 * Explicit edges: a channel is an edge, and edges are in ascending order of stage. offsets_or_ends
 * has two vertices for each edge. affinities is (num_channels,). shape is (1, 1, number of
 * vertices). mask is not read. sums is NULL if every edge is one pixel edge; otherwise it has two
 * numbers for each edge, the sum of the affinities of the pixel edges that it stands for, and their
 * number. average and weighted read sums in place of affinities, all linkages for confidences.
 *
 * In both forms, stages has one entry in 0..num_stages - 1 for each channel.
 *
 * During a merge, another thread may store a number other than 0 in *stop, atomically. The merge
 * then returns MERGE_STOPPED, unless it ends before. No other array may change during a merge. If
 * affinities do change all the same, the result is not defined, but the merge ends and accesses no
 * memory outside the arrays.
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
    const int64_t *sums; /* NULL for a grid */
    const int32_t *stop; /* NULL, or the flag that stops the merge */
} merge_problem;

/* The largest number of pixel edges that the edges with sums may stand for in all: 2^53 / 65535. Up
 * to it, a double holds every sum, and every 65535 * number, exactly. */
#define MOST_PIXEL_EDGES (((int64_t)1 << 53) / 65535)

/* A row of the history has the layout of the numpy dtype HISTORY_DTYPE: int32_t stage, int64_t a
 * and b (the names of the two ends, a < b), float weight. There is no padding, so numbers may be
 * unaligned. */
enum { HISTORY_ROW_BYTES = 24 };

/* The result of a merge. labels has one entry for each vertex. sizes, confidences and history have
 * "capacity" entries; history begins at a multiple of 4 bytes. If "capacity" is less than the
 * number of vertices in the foreground, the merge returns MERGE_BAD_ARGUMENT. The merge sets
 * num_segments and num_merges. It may write all entries of the arrays, also if it fails. */
typedef struct {
    int64_t capacity;
    int32_t *labels;
    int64_t *sizes;
    double *confidences;
    void *history;
    int64_t num_segments;
    int64_t num_merges;
} merge_output;

/* Merges with the greedy loop, a heap and a hash map, on one thread. Returns a merge_status. */
int merge_heap(const merge_problem *problem, merge_output *output);

/* Computes the same result with a faster algorithm, on at most "threads" threads (1 or more).
 * Returns a merge_status. */
int merge_fast(const merge_problem *problem, int32_t threads, merge_output *output);

#endif
