/* Compiles loop.h for processors with AVX2; without fused multiply-add, which would change bits of
 * weights. */
#if defined(__x86_64__)

#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx2,bmi,bmi2"))), apply_to = function)
#else
#pragma GCC target("avx2,bmi,bmi2")
#endif

#define USE_AVX2
#define LOOPS_FUNCTION merge_loops_avx2

#include "loop.h"

#if defined(__clang__)
#pragma clang attribute pop
#endif

#else

typedef int nothing_here; /* ISO C forbids an empty file */

#endif
