"""A program that validates mutants, one after the other, in the current folder.

Reads {name: [checks, timeout]} from stdin, writes {name: outcome} to stdout, both as JSON.
"""

import contextlib
import io
import json
import re
import shlex
import sys


def command(*words):
    """Exit code and output of a ``merge-impls`` command."""
    # Imported here, because every process that a command starts imports this file as well.
    from merge_impls.cli import main

    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        code = main(words)
    return code, output.getvalue()


def check_mutant(name, checks, timeout):
    """Validate, replay with the last printed command, then replay with a right backend."""
    from merge_impls.problem_files import load_problem

    limit = "--timeout", str(timeout)
    code, output = command("validate", name, "--only", checks, *limit)
    outcome = {"code": code, "output": output}
    printed = re.findall(r"merge-impls (replay .*)", output)
    if printed:
        replay, file, *backend = shlex.split(printed[-1])
        outcome["vertices"] = load_problem(file)[0].num_vertices
        outcome["replayed"], _ = command(replay, file, *backend, *limit)
        outcome["replayed right"], _ = command(replay, file, "--backend", "example")
    return outcome


if __name__ == "__main__":
    json.dump(
        {name: check_mutant(name, *how) for name, how in json.load(sys.stdin).items()}, sys.stdout
    )
