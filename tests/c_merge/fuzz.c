/* For libFuzzer: of every problem that its bytes make, merge_fast gives the bytes of merge_heap. */
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
