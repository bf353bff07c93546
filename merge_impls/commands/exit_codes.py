"""The exit codes of ``merge-impls``, and how a command ends with one of them."""

import sys

from merge_impls.argument_checks import one_line_message
from merge_impls.isolation import BackendFailed

CONFORMS = 0
DISAGREES = 1
USAGE = 2
UNAVAILABLE = 3
CRASHED = 4
"""The backend raised, crashed or took too long."""

INTERRUPTED = 130
"""As shells define it: 128 and the number of the signal, SIGINT."""

READER_GONE = 141
"""As shells define it for SIGPIPE. It is not 0, for output that was not read may name a failure."""

MEANING = """exit codes: 0 all is right; 1 a result is wrong; 2 wrong use; 3 a backend or a library is
not available; 4 a backend crashed or took too long; 130 interrupted; 141 the output was closed
before its end"""


def fail(command: str, reason: Exception | str, code: int) -> int:
    """Print in one line on stderr why the command ends here; returns the exit code."""
    line = reason if isinstance(reason, str) else one_line_message(reason)
    print(f"merge-impls {command}: {line}", file=sys.stderr)
    return code


def code_of_failed_start(failure: BackendFailed) -> int:
    """The exit code for a backend whose process could not start."""
    return UNAVAILABLE if failure.kind == "unavailable" else CRASHED
