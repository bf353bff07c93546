"""The exit codes of ``merge-impls`` and ``python -m bench``, and functions that print failures."""

import os
import sys
import traceback
from collections.abc import Mapping

from merge_impls.argument_checks import one_line_error_message
from merge_impls.isolation import BackendFailed

CONFORMS = 0
DISAGREES = 1
USAGE = 2
UNAVAILABLE = 3
CRASHED = 4
"""A backend crashed or took too long or, in some commands, raised an exception."""

LIMIT_EXCEEDED = 5
"""A comparison of two runs found a change at or beyond a limit that the user gave."""

INTERRUPTED = 130
"""The command was interrupted with Ctrl-C. Shells use 128 + the number of the signal, SIGINT."""

OUTPUT_CLOSED = 141
"""The reader of the output has closed it. Shells use 128 + the number of the signal, SIGPIPE.

The code is not 0, because the output that was not read may report a failure.
"""

STDOUT_DESCRIPTOR = 1

EXIT_CODES = {
    CONFORMS: "success",
    DISAGREES: "a result is wrong",
    USAGE: "wrong use, or a file that cannot be read or written",
    UNAVAILABLE: "a backend or a library is not available",
    CRASHED: "a crash, a time limit that was exceeded, an unexpected exception, or memory ran out",
    LIMIT_EXCEEDED: "a limit of --fail-if was exceeded",
    INTERRUPTED: "interrupted",
    OUTPUT_CLOSED: "the output was closed before its end",
}
"""The meaning of each exit code of both commands. docs/commands.md has this table."""

SEVERITY = (CRASHED, DISAGREES, UNAVAILABLE, USAGE, CONFORMS)
"""The codes of failures, from worst to least. If several failures occur, the worst one decides."""

_MEANINGS = {code: EXIT_CODES[code] for code in (CONFORMS, USAGE, INTERRUPTED, OUTPUT_CLOSED)}
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


def open_missing_output() -> None:
    """Replace a stdout of None, with which a process without stdout starts, by a pipe without a reader.

    Every write then raises BrokenPipeError, and no file that is opened later gets the descriptor of stdout.
    """
    if sys.stdout is None:
        reader, writer = os.pipe()
        os.dup2(writer, STDOUT_DESCRIPTOR)
        for descriptor in {reader, writer} - {STDOUT_DESCRIPTOR}:
            os.close(descriptor)
        sys.stdout = os.fdopen(STDOUT_DESCRIPTOR, "w", closefd=False)


def flush_output() -> None:
    """Write what stdout still holds. Raises OSError, such as BrokenPipeError, if that is not possible."""
    sys.stdout.flush()


def exit_code_of_exception(program: str, error: BaseException) -> int:
    """Print why the process ends with an exception that no command has handled; return the exit code.

    A closed output has no message. An exception of an unexpected class is printed with its traceback.
    """
    if isinstance(error, BrokenPipeError):
        _discard_output()
        return OUTPUT_CLOSED
    if isinstance(error, KeyboardInterrupt):
        print(f"{program}: interrupted", file=sys.stderr)
        return INTERRUPTED
    if isinstance(error, OSError) and error.filename is None:
        # The commands handle the errors of files, so this one is of stdout, for example on a full disk.
        _discard_output()
        print(f"{program}: stdout cannot be written: {error.strerror}", file=sys.stderr)
        return USAGE
    traceback.print_exception(error)
    return CRASHED


def _discard_output() -> None:
    """Send stdout to the null device. Without this, Python would flush stdout again at its exit, and fail."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
