#include "sums.h"

#define MOST_WIDE_SUMS (FIRST_WIDE_BLOCK * (((uint32_t)1 << WIDE_BLOCKS) - 1))

/* The index of a new wide sum, or UINT32_MAX if there is not enough memory. */
static uint32_t take_wide_sum(wide_sums *wide)
{
    uint32_t index = wide->count;
    if (index == MOST_WIDE_SUMS) {
        wide->memory.failed = 1;
        return UINT32_MAX;
    }
    uint32_t block = 31 - (uint32_t)__builtin_clz(index / FIRST_WIDE_BLOCK + 1);
    if (!wide->blocks[block])
        wide->blocks[block] = merge_arena_take_array(
            &wide->memory, (uint64_t)FIRST_WIDE_BLOCK << block, sizeof *wide->blocks[block]);
    if (!wide->blocks[block])
        return UINT32_MAX;
    wide->count++;
    return index;
}

affinity_sum merge_make_wide_sum(uint64_t total, uint64_t count, wide_sums *wide)
{
    pthread_mutex_lock(&wide->lock);
    uint32_t index = take_wide_sum(wide);
    if (index != UINT32_MAX)
        *wide_sum_at(wide, index) = (wide_sum){total, count};
    pthread_mutex_unlock(&wide->lock);
    return index == UINT32_MAX ? 1 /* count 1, because 0 would divide by zero */
                               : SUM_WIDE | index;
}

affinity_sum merge_add_wide_sums(affinity_sum x, affinity_sum y, wide_sums *wide)
{
    wide_sum one = unpack_sum(x, wide), other = unpack_sum(y, wide);
    return pack_sum(one.total + other.total, one.count + other.count, wide);
}

int merge_wide_sums_failed(wide_sums *wide)
{
    pthread_mutex_lock(&wide->lock);
    int failed = wide->memory.failed;
    pthread_mutex_unlock(&wide->lock);
    return failed;
}
