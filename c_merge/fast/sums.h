/* Weights as bits, and exact sums of affinities with the number of pixel edges. A sum and a count
 * take one integer of 64 bits: 40 for the sum, 18 for the count. If these are not enough, bit 63 is
 * set, and the lower bits hold the index of a wide_sum. In memory a sum takes 32 bits.
 *
 * A count below 2^18 keeps the sum below 2^34, because an affinity is below 2^16. Bit 18 catches
 * the carry of two counts added.
 */
#ifndef SUMS_H
#define SUMS_H

#include <pthread.h>
#include <string.h>

#include "arena.h"

#ifndef COUNT_BITS
#define COUNT_BITS 18 /* tests set a smaller number, so that small problems need wide sums */
#endif

/* A weight is kept as the bits of a float. The bits of floats >= 0, read as integers, have the same
 * order as the floats, and integers are compared more quickly. */
typedef int32_t weight_bits;

#define NO_WEIGHT (-1)            /* sentinel: the weight of no edge */
#define UNKNOWN_WEIGHT 0x40000000 /* 2.0: more than any weight */

static inline weight_bits bits_of(float weight)
{
    weight_bits bits;
    memcpy(&bits, &weight, sizeof bits);
    return bits;
}

static inline float weight_of(weight_bits bits)
{
    float weight;
    memcpy(&weight, &bits, sizeof weight);
    return weight;
}

typedef uint64_t affinity_sum;

typedef struct {
    uint64_t total;
    uint64_t count;
} wide_sum;

#define SUM_SHIFT 24
#define SUM_WIDE ((affinity_sum)1 << 63)
#define MAX_COUNT (((uint64_t)1 << COUNT_BITS) - 1)
#define SUM_CARRY (SUM_WIDE | ((((uint64_t)1 << SUM_SHIFT) - 1) & ~MAX_COUNT))

/* The wide sums of all workers. Block i has room for FIRST_WIDE_BLOCK << i sums, and sums never
 * move. A worker that adds one takes the lock. It reads only those that it added itself, or that
 * others added before it was started. */
#define FIRST_WIDE_BLOCK 64
#define WIDE_BLOCKS 25 /* enough for 2^31 sums, less the first block */
typedef struct {
    pthread_mutex_t lock;
    arena memory;
    wide_sum *blocks[WIDE_BLOCKS];
    uint32_t count;
} wide_sums;

static inline uint64_t total_affinity(const uint16_t *affinities, uint32_t count)
{
    uint64_t total = 0;
    for (uint32_t i = 0; i < count; i++)
        total += affinities[i];
    return total;
}

/* The largest of at least one affinity. */
static inline uint16_t largest_affinity(const uint16_t *affinities, uint32_t count)
{
    uint16_t largest = affinities[0];
    for (uint32_t i = 1; i < count; i++)
        largest = affinities[i] > largest ? affinities[i] : largest;
    return largest;
}

static inline uint16_t smallest_affinity(const uint16_t *affinities, uint32_t count)
{
    uint16_t smallest = affinities[0];
    for (uint32_t i = 1; i < count; i++)
        smallest = affinities[i] < smallest ? affinities[i] : smallest;
    return smallest;
}

static inline affinity_sum sum_of_pixel_edge(uint16_t affinity)
{
    return (affinity_sum)affinity << SUM_SHIFT | 1;
}

static inline wide_sum *wide_sum_at(const wide_sums *wide, uint32_t index)
{
    uint32_t block = 31 - (uint32_t)__builtin_clz(index / FIRST_WIDE_BLOCK + 1);
    return &wide->blocks[block][index - FIRST_WIDE_BLOCK * (((uint32_t)1 << block) - 1)];
}

static inline wide_sum unpack_sum(affinity_sum sum, const wide_sums *wide)
{
    if (__builtin_expect((sum & SUM_WIDE) != 0, 0))
        return *wide_sum_at(wide, (uint32_t)sum);
    return (wide_sum){sum >> SUM_SHIFT, sum & MAX_COUNT};
}

/* The two half-edges of an edge share a wide sum, because it never changes. If there is not enough
 * memory, wide->memory.failed is set and the result is wrong. */
affinity_sum merge_make_wide_sum(uint64_t total, uint64_t count, wide_sums *wide);
affinity_sum merge_add_wide_sums(affinity_sum x, affinity_sum y, wide_sums *wide);

/* Whether a wide sum could not be made. */
int merge_wide_sums_failed(wide_sums *wide);

static inline affinity_sum pack_sum(uint64_t total, uint64_t count, wide_sums *wide)
{
    return count <= MAX_COUNT ? total << SUM_SHIFT | count
                              : merge_make_wide_sum(total, count, wide);
}

static inline affinity_sum add_sums(affinity_sum x, affinity_sum y, wide_sums *wide)
{
    affinity_sum sum = x + y;
    if (__builtin_expect(((x | y | sum) & SUM_CARRY) != 0, 0))
        return merge_add_wide_sums(x, y, wide);
    return sum;
}

/* The mean affinity: one division in double precision, rounded once to single precision. */
static inline float pooled(affinity_sum sum, const wide_sums *wide)
{
    wide_sum parts = unpack_sum(sum, wide);
    /* Signed integers, because a processor converts them to floats in one instruction. */
    int64_t total = (int64_t)parts.total, count = (int64_t)parts.count;
    return (float)((double)total / (double)(65535 * count));
}

/* A sum as a half-edge stores it, beside its weight: the count, and above it as many of the lowest
 * bits of the total as there is room for. The other bits of the total follow from the weight. Of a
 * wide sum, the index is stored. */
typedef uint32_t stored_sum;

#define STORED_WIDE ((stored_sum)1 << 31)
#define TOTAL_BITS (31 - COUNT_BITS) /* the bits of the total that are stored */

static inline stored_sum stored_sum_of(affinity_sum sum)
{
    if (__builtin_expect((sum & SUM_WIDE) != 0, 0))
        return STORED_WIDE | (stored_sum)sum;
    stored_sum total = (stored_sum)(sum >> SUM_SHIFT) << COUNT_BITS & ~STORED_WIDE;
    return total | (stored_sum)(sum & MAX_COUNT);
}

/* The total is weight * 65535 * count, if nothing is rounded. Three roundings to 24 bits make this
 * number wrong by at most 3 parts in 2^24 (and a trifle) of a total below 2^(16 + COUNT_BITS), and
 * by less than 1 where it becomes an integer. Only one number with the stored bits is so near. */
#define MOST_ROUNDED (((int64_t)3 << (16 + COUNT_BITS) >> 24) + 2)
_Static_assert(MOST_ROUNDED < (int64_t)1 << (TOTAL_BITS - 1), "one total is near enough");

/* The sum of an edge. "weight" must be the pooled sum. */
static inline affinity_sum sum_of_stored(stored_sum stored, weight_bits weight)
{
    if (__builtin_expect((stored & STORED_WIDE) != 0, 0))
        return SUM_WIDE | (stored & ~STORED_WIDE);
    int64_t count = stored & MAX_COUNT;
    int64_t rounded = (int64_t)(weight_of(weight) * (float)(65535 * count));
    stored_sum difference = (stored >> COUNT_BITS) - (stored_sum)rounded;
    int64_t total = rounded + ((int32_t)(difference << (32 - TOTAL_BITS)) >> (32 - TOTAL_BITS));
    return (affinity_sum)total << SUM_SHIFT | (affinity_sum)count;
}

#endif
