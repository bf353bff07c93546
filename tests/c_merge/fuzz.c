/* For libFuzzer: whatever problem its bytes make, fast_merge gives the bytes of heap_merge. */
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
