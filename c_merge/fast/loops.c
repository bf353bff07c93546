#include "loops.h"

drain_function drain_for(int32_t linkage)
{
    int average = linkage == LINKAGE_AVERAGE;
#if defined(__x86_64__) && !defined(PORTABLE)
    if (__builtin_cpu_supports("avx2"))
        return average ? drain_average_avx2 : drain_weighted_avx2;
#endif
    return average ? drain_average_portable : drain_weighted_portable;
}
