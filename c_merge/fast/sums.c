#include "sums.h"

affinity_sum sum_packed(uint64_t total, uint64_t count, arena *memory)
{
    if (count <= MAX_COUNT)
        return total << SUM_SHIFT | count;
    wide_sum *wide = arena_take(memory, sizeof *wide);
    if (!wide)
        return 1; /* no pixel edge weighs: a count of 0 would divide by zero */
    *wide = (wide_sum){total, count};
    return SUM_WIDE | (uintptr_t)wide >> 1;
}

affinity_sum sum_added_wide(affinity_sum x, affinity_sum y, arena *memory)
{
    wide_sum one = sum_unpacked(x), other = sum_unpacked(y);
    return sum_packed(one.total + other.total, one.count + other.count, memory);
}
