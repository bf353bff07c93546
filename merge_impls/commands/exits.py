"""What the exit codes of ``merge-impls`` mean."""

CONFORMS = 0
DISAGREES = 1
USAGE = 2
UNAVAILABLE = 3
CRASHED = 4
"""Or took too long."""

MEANING = """exit codes: 0 all is right, 1 a result is wrong, 2 wrong use, 3 a backend or a library is
not available, 4 a backend crashed or took too long"""
