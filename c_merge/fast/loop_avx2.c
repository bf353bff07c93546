/* The merge loop with AVX2, for processors that have it; no fused multiply-add, which changes bits. */
#if defined(__x86_64__)

#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx2,bmi,bmi2"))), apply_to = function)
#else
#pragma GCC target("avx2,bmi,bmi2")
#endif

#define DRAIN_AVERAGE drain_average_avx2
#define FIND_FIRST_BEST find_first_best_avx2
#define DRAIN_WEIGHTED drain_weighted_avx2

#include "loops.h"

#include "loop.h"

#if defined(__clang__)
#pragma clang attribute pop
#endif

#else

typedef int nothing_here;

#endif
