/* A half-edge stores a sum in 32 bits beside its weight. The sum is read back as it was: of random
 * and extreme totals, and of every count up to a power of two around which sums get wide. */
#include <stdio.h>
#include <stdlib.h>

#include "fast/linkage.h"

static uint64_t random_bits(uint64_t *state)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return *state >> 33;
}

/* Ends the program if the sum of "count" pixel edges is not read back. */
static void check(uint64_t total, uint64_t count, wide_sums *wide)
{
    super_edge edge = super_edge_of(pack_sum(total, count, wide), wide);
    affinity_sum read = sum_of_stored(stored_sum_of(edge.sum), edge.weight);
    wide_sum parts = unpack_sum(read, wide);
    if (parts.total == total && parts.count == count && read == edge.sum)
        return;
    fprintf(stderr, "total %llu of %llu pixel edges was read as %llu of %llu\n",
            (unsigned long long)total, (unsigned long long)count, (unsigned long long)parts.total,
            (unsigned long long)parts.count);
    exit(1);
}

int main(int argc, char **argv)
{
    wide_sums wide = {.lock = PTHREAD_MUTEX_INITIALIZER};
    uint64_t most = 2 * MAX_COUNT, state = 1, totals = argc > 1 ? strtoull(argv[1], NULL, 10) : 8;
    for (uint64_t count = 1; count <= most; count++) {
        uint64_t largest = 65535 * count;
        for (uint64_t i = 0; i <= 4; i++) {
            check(i < largest ? i : largest, count, &wide);
            check(largest - (i < largest ? i : largest), count, &wide);
        }
        for (uint64_t i = 0; i < totals; i++)
            check((random_bits(&state) << 31 | random_bits(&state)) % (largest + 1), count, &wide);
    }
    printf("sums read back, of up to %llu pixel edges; %u were wide\n", (unsigned long long)most,
           wide.count);
    merge_arena_release(&wide.memory);
    return 0;
}
