/* A test for libFuzzer: makes a problem from the bytes; merge_fast must give the same result as
 * merge_heap, byte for byte. */
#include <stdlib.h>

#include "results.h"

#define LONGEST 24

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    byte_source source = {.next = bytes, .end = bytes + count};
    merge_case made = case_make(&source, LONGEST);
    if (!merges_agree(&made))
        abort();
    case_free(&made);
    return 0;
}
