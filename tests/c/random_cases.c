/* random_cases COUNT LONGEST [FIRST]: merges random problems, numbered from FIRST on, with 1 to 4
 * threads, and ends with 1 where fast_merge does not give the bytes of heap_merge. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "results.h"

int main(int argc, char **argv)
{
    if (argc < 3) {
        fprintf(stderr, "usage: %s COUNT LONGEST [FIRST]\n", argv[0]);
        return 2;
    }
    uint64_t count = strtoull(argv[1], NULL, 10), first = argc > 3 ? strtoull(argv[3], NULL, 10) : 0;
    int64_t longest = strtoll(argv[2], NULL, 10), vertices = 0;
    if (count < 1 || longest < 2) {
        fprintf(stderr, "%s: COUNT must be 1 or more, LONGEST 2 or more\n", argv[0]);
        return 2;
    }
    for (uint64_t number = first; number < first + count; number++) {
        byte_source source = {.state = (number + 1) * 0x9E3779B97F4A7C15u};
        merge_case made = case_make(&source, longest);
        int agree = merges_agree(&made);
        vertices += made.room;
        case_free(&made);
        if (!agree) {
            fprintf(stderr, "again: %s 1 %" PRId64 " %" PRIu64 "\n", argv[0], longest, number);
            return 1;
        }
    }
    printf("%" PRIu64 " random problems with %" PRId64 " vertices: the same bytes\n", count, vertices);
    return 0;
}
