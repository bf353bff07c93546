"""``merge-impls list`` shows the backends of other distributions."""

import subprocess
import sys


def list_backends(shell):
    """Run ``merge-impls list``; return the line of each backend by its name."""
    command = ["merge-impls", "list"]
    done = subprocess.run(command, env=shell, capture_output=True, text=True, check=True)
    return {line.split()[0]: line for line in done.stdout.splitlines()}


def test_installed_plugin_is_listed_with_what_it_can_do(example):
    rows = list_backends(example)
    assert {"c", "heap", "networkx", "numba", "example", "example-labels"} <= set(rows)
    assert "average, weighted" in rows["example"]
    assert "in plain Python" in rows["example"]
    assert "weighted" not in rows["example-labels"]


def test_a_broken_plugin_is_listed_with_its_error_beside_others(mutants):
    rows = list_backends(mutants)
    assert " no " in rows["broken"]
    assert "No module named 'a_module_that_is_nowhere'" in rows["broken"]
    assert all(" yes " in rows[name] for name in ("c", "example", "reversed-tie-rule"))


def test_listing_imports_no_backend(example):
    code = (
        "import sys; from merge_impls.cli import main; main(['list']);"
        "print(*sorted(set(sys.modules) & {'networkx', 'numba', 'merge_impls._c_merge',"
        " 'example_backend', 'example_backend.merge'}))"
    )
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, env=example, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "example_backend"
