"""The exit codes of ``merge-impls``, and functions that describe them or print a failure."""

import sys
from collections.abc import Mapping

from merge_impls.argument_checks import one_line_error_message
from merge_impls.isolation import BackendFailed

CONFORMS = 0
DISAGREES = 1
USAGE = 2
UNAVAILABLE = 3
CRASHED = 4
"""A backend crashed or took too long or, in some commands, raised an exception."""

INTERRUPTED = 130
"""The command was interrupted with Ctrl-C. Shells use 128 + the number of the signal, SIGINT."""

OUTPUT_CLOSED = 141
"""The reader of the output has closed it. Shells use 128 + the number of the signal, SIGPIPE.

The code is not 0, because the output that was not read may report a failure.
"""

_MEANINGS = {
    CONFORMS: "success",
    USAGE: "wrong use, or a file that cannot be read or written",
    INTERRUPTED: "interrupted",
    OUTPUT_CLOSED: "the output was closed before its end",
}
"""The meaning of the codes that mean the same in most commands."""


def exit_codes_help(of_command: Mapping[int, str]) -> str:
    """Describe the exit codes of a command in one paragraph, for the end of its help.

    of_command: meanings of codes in this command; they replace the general meanings.
    """
    meanings = sorted({**_MEANINGS, **of_command}.items())
    return "Exit codes: " + "; ".join(f"{code} {meaning}" for code, meaning in meanings)


def print_failure(command: str, reason: Exception | str, code: int) -> int:
    """Print one line on stderr that says why the command has failed; return ``code``."""
    line = reason if isinstance(reason, str) else one_line_error_message(reason)
    print(f"merge-impls {command}: {line}", file=sys.stderr)
    return code


def exit_code_of_failed_start(failure: BackendFailed) -> int:
    """The exit code for a backend whose process could not start."""
    return UNAVAILABLE if failure.kind == "unavailable" else CRASHED
