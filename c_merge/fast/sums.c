#include "sums.h"

affinity_sum merge_make_wide_sum(uint64_t total, uint64_t count, arena *memory)
{
    wide_sum *wide = merge_arena_take(memory, sizeof *wide);
    if (!wide)
        return 1; /* count 1, because 0 would divide by zero */
    *wide = (wide_sum){total, count};
    return SUM_WIDE | (uintptr_t)wide >> 1;
}

affinity_sum merge_add_wide_sums(affinity_sum x, affinity_sum y, arena *memory)
{
    wide_sum one = unpack_sum(x), other = unpack_sum(y);
    return pack_sum(one.total + other.total, one.count + other.count, memory);
}
