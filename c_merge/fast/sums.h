/* Weights as bits, and exact sums of affinities with the number of pixel edges. A sum and a count
 * take one integer of 64 bits: 40 for the sum, 23 for the count. If these are not enough, bit 63 is
 * set, and the other bits hold half the address of a wide_sum.
 *
 * A count below 2^23 keeps the sum below 2^39, because an affinity is below 2^16. Bit 23 catches
 * the carry of two counts added.
 */
#ifndef SUMS_H
#define SUMS_H

#include <string.h>

#include "arena.h"

#ifndef COUNT_BITS
#define COUNT_BITS 23 /* tests set a smaller number, so that small problems need wide sums */
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

static inline wide_sum unpack_sum(affinity_sum sum)
{
    if (!(sum & SUM_WIDE))
        return (wide_sum){sum >> SUM_SHIFT, sum & MAX_COUNT};
    return *(const wide_sum *)(uintptr_t)(sum << 1);
}

/* The two half-edges of an edge may share a wide sum, because it never changes. If there is not
 * enough memory, memory->failed is set and the result is wrong. */
affinity_sum merge_make_wide_sum(uint64_t total, uint64_t count, arena *memory);
affinity_sum merge_add_wide_sums(affinity_sum x, affinity_sum y, arena *memory);

static inline affinity_sum pack_sum(uint64_t total, uint64_t count, arena *memory)
{
    return count <= MAX_COUNT ? total << SUM_SHIFT | count
                              : merge_make_wide_sum(total, count, memory);
}

static inline affinity_sum add_sums(affinity_sum x, affinity_sum y, arena *memory)
{
    affinity_sum sum = x + y;
    if (__builtin_expect(((x | y | sum) & SUM_CARRY) != 0, 0))
        return merge_add_wide_sums(x, y, memory);
    return sum;
}

/* The mean affinity: one division in double precision, rounded once to single precision. */
static inline float pooled(affinity_sum sum)
{
    if (__builtin_expect((sum & SUM_WIDE) != 0, 0)) {
        wide_sum wide = unpack_sum(sum);
        return (float)((double)wide.total / (double)(65535 * wide.count));
    }
    /* Signed integers, because a processor converts them to floats in one instruction. */
    int64_t total = (int64_t)(sum >> SUM_SHIFT), count = (int64_t)(sum & MAX_COUNT);
    return (float)((double)total / (double)(65535 * count));
}

#endif
