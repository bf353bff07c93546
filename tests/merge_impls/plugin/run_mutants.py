"""A program that runs ``merge-impls validate`` on mutants, one after the other, in the current folder.

It reads {name: [checks, timeout]} from stdin, and writes {name: outcome} to stdout, both as JSON.
"""

import contextlib
import io
import json
import re
import shlex
import sys


def run_command(*words):
    """Run a ``merge-impls`` command; return its exit code and its output."""
    # Imported here, because every child process that a command starts imports this file as well.
    from merge_impls.cli import main

    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        code = main(words)
    return code, output.getvalue()


def check_mutant(name, checks, timeout):
    """Validate a mutant, and replay its saved problem; merge the problem with a right backend, too."""
    from merge_impls import first_difference, merge
    from merge_impls.problem_files import load_problem_and_notes

    limit = "--timeout", str(timeout)
    code, output = run_command("validate", name, "--only", checks, *limit)
    outcome = {"code": code, "output": output}
    printed = re.findall(r"merge-impls (replay .*)", output)
    if printed:
        replay, file, *backend = shlex.split(printed[-1])
        problem = load_problem_and_notes(file)[0]
        outcome["vertices"] = problem.num_vertices
        outcome["replayed"], _ = run_command(replay, file, *backend, *limit)
        results = merge(problem, backend="example"), merge(problem, backend="networkx")
        outcome["example"] = str(first_difference(*results) or "")
    return outcome


if __name__ == "__main__":
    from merge_impls.builtin import networkx_merge
    from tests.merge_impls.remembered_reference import REMEMBERING_REFERENCE
    from tests.prepared_workers import prepared_workers

    networkx_merge.merge = REMEMBERING_REFERENCE
    with prepared_workers(["merge_impls.isolation.child_main"]):
        found = {name: check_mutant(name, *how) for name, how in json.load(sys.stdin).items()}
    json.dump(found, sys.stdout)
