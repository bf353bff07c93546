"""The exit codes of ``merge-impls``, and how a command ends with one of them."""

import sys
from collections.abc import Mapping

from merge_impls.argument_checks import one_line_message
from merge_impls.isolation import BackendFailed

CONFORMS = 0
DISAGREES = 1
USAGE = 2
UNAVAILABLE = 3
CRASHED = 4
"""A backend crashed or took too long; in some commands also: it raised an exception."""

INTERRUPTED = 130
"""The exit code that shells give for SIGINT: 128 and the number of the signal."""

OUTPUT_CLOSED = 141
"""The exit code that shells give for SIGPIPE. It is not 0, because the unread output may report a
failure."""

_MEANINGS = {
    CONFORMS: "success",
    USAGE: "wrong use, or a file that cannot be read or written",
    INTERRUPTED: "interrupted",
    OUTPUT_CLOSED: "the output was closed before its end",
}
"""What a code means in every command."""


def exit_codes_help(of_command: Mapping[int, str]) -> str:
    """The exit codes of a command in one paragraph, for the end of its help.

    of_command: what codes mean in this command alone; this replaces the general meaning.
    """
    meanings = sorted({**_MEANINGS, **of_command}.items())
    return "Exit codes: " + "; ".join(f"{code} {meaning}" for code, meaning in meanings)


def fail(command: str, reason: Exception | str, code: int) -> int:
    """Print one line on stderr that says why the command ends here; returns ``code``."""
    line = reason if isinstance(reason, str) else one_line_message(reason)
    print(f"merge-impls {command}: {line}", file=sys.stderr)
    return code


def exit_code_of_failed_start(failure: BackendFailed) -> int:
    """The exit code for a backend whose process could not start."""
    return UNAVAILABLE if failure.kind == "unavailable" else CRASHED
