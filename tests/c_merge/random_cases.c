/* random_cases COUNT LONGEST [FIRST]: merges random problems, numbered from FIRST on, with 1 to 4
 * threads, and ends with 1 where merge_fast does not give the bytes of merge_heap, or none in a
 * minute.
 */
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "results.h"

/* The command for the problem at hand; seen from everywhere because a signal's handler writes it.
 */
static char again[4096];

static void say_again(void)
{
    if (write(STDERR_FILENO, again, strlen(again)) < 0)
        _exit(2);
}

static void end_by_alarm(int signal)
{
    (void)signal;
    static const char why[] = "no result in a minute\n";
    if (write(STDERR_FILENO, why, sizeof why - 1) >= 0)
        say_again();
    _exit(1);
}

int main(int argc, char **argv)
{
    if (argc < 3) {
        fprintf(stderr, "usage: %s COUNT LONGEST [FIRST]\n", argv[0]);
        return 2;
    }
    uint64_t count = strtoull(argv[1], NULL, 10),
             first = argc > 3 ? strtoull(argv[3], NULL, 10) : 0;
    int64_t longest = strtoll(argv[2], NULL, 10), vertices = 0;
    if (count < 1 || longest < 2) {
        fprintf(stderr, "%s: COUNT must be 1 or more, LONGEST 2 or more\n", argv[0]);
        return 2;
    }
    signal(SIGALRM, end_by_alarm);
    for (uint64_t number = first; number < first + count; number++) {
        snprintf(again, sizeof again, "again: %s 1 %" PRId64 " %" PRIu64 "\n", argv[0], longest,
                 number);
        alarm(60);
        byte_source source = {.state = (number + 1) * 0x9E3779B97F4A7C15u};
        merge_case made = case_make(&source, longest);
        int agree = merges_agree(&made);
        vertices += made.num_vertices;
        case_free(&made);
        if (!agree) {
            say_again();
            return 1;
        }
    }
    printf("%" PRIu64 " random problems with %" PRId64 " vertices: the same bytes\n", count,
           vertices);
    return 0;
}
