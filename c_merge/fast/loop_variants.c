/* Compiles loop.h for every processor of the architecture; chooses between the variants. */
#define LOOPS_FUNCTION merge_loops_portable

#include "loop.h"

compiled_loops merge_loops_for(merge_linkage linkage)
{
#if defined(__x86_64__) && !defined(PORTABLE)
    if (__builtin_cpu_supports("avx2"))
        return merge_loops_avx2(linkage);
#endif
    return merge_loops_portable(linkage);
}
