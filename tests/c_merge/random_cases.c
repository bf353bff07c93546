/* random_cases COUNT LONGEST [FIRST]: merges COUNT random problems with 1 to 4 threads.
 *
 * LONGEST: the longest side of a grid in pixels. FIRST: the number of the first problem. Exits with
 * 1 if merge_fast and merge_heap give different bytes, or if a problem takes more than a minute.
 */
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "results.h"

/* The message with the command that repeats the current problem. Global, because a signal handler
 * prints it. */
static char command[4096];

static void print_command(void)
{
    if (write(STDERR_FILENO, command, strlen(command)) < 0)
        _exit(2);
}

static void end_by_alarm(int signal)
{
    (void)signal;
    static const char why[] = "no result in a minute\n";
    if (write(STDERR_FILENO, why, sizeof why - 1) >= 0)
        print_command();
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
        snprintf(command, sizeof command, "to repeat: %s 1 %" PRId64 " %" PRIu64 "\n", argv[0],
                 longest, number);
        alarm(60);
        byte_source source = {.state = (number + 1) * 0x9E3779B97F4A7C15u};
        merge_case made = case_make(&source, longest);
        int agree = merges_agree(&made);
        vertices += made.num_vertices;
        case_free(&made);
        if (!agree) {
            print_command();
            return 1;
        }
    }
    printf("%" PRIu64 " random problems with %" PRId64 " vertices: the same bytes\n", count,
           vertices);
    return 0;
}
