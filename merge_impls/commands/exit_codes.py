"""What the exit codes of ``merge-impls`` mean."""

CONFORMS = 0
DISAGREES = 1
USAGE = 2
UNAVAILABLE = 3
CRASHED = 4
"""Or took too long."""

INTERRUPTED = 130
"""As shells say it: 128 and the number of the signal, SIGINT."""

READER_GONE = 141
"""As shells say it for SIGPIPE. Not 0, for what was not told need not be right."""

MEANING = """exit codes: 0 all is right, 1 a result is wrong, 2 wrong use, 3 a backend or a library is
not available, 4 a backend crashed or took too long, 130 it was interrupted,
141 who read the output has gone"""
