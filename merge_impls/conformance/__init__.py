"""The conformance kit: checks whether a backend computes what CONTRACT.md specifies.

A backend is one implementation of the graph merge. There are three ways to run the checks:

- in a shell: ``merge-impls validate NAME``
- under pytest: ``pytest --pyargs merge_impls.conformance --merge-backend NAME``
- in a notebook: :func:`validate`

:func:`merge_impls.conformance.strategies.problems` draws random problems for your own hypothesis
tests. The kit needs the extra ``conformance``.

One run goes through these modules, in this order:

1. A front end reads the options and prepares the backend (``backend_under_test``). The front ends are
   ``commands.validate``, :func:`validate` below, and pytest with ``pytest_options``, ``conftest`` and
   ``test_conformance``. The defaults of their options stand in ``option_defaults``.
2. ``session`` selects checks from ``all_checks`` by the options. ``choose_reference`` selects the
   reference, the merge whose results are taken to be right.
3. ``check_runner`` runs each check. It passes a ``harness`` to the check. The check takes problems from
   ``cases``, ``generate`` and ``laws``, and merges them through the harness.
4. The harness calls the ``comparator``, which merges a problem with the backend and with the
   reference, and compares the two results.
5. If the results differ, ``check_runner`` makes the problem smaller (``shrink``), explains the
   difference (``explain``) and saves the problem (``replay_file``).
6. ``outcomes`` defines the outcome of a check and the verdict on a backend; ``verdict_record`` writes a
   verdict as JSON.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from merge_impls.conformance.option_defaults import FAILURES

NO_HYPOTHESIS = "hypothesis is not installed: pip install 'merge-impls[conformance]'"
"""The error message of every front end if hypothesis is not installed."""

if TYPE_CHECKING:  # the command line imports this module even if hypothesis is not installed
    from merge_impls.backend import Backend, MergeFunction
    from merge_impls.conformance.outcomes import Verdict


def validate(
    backend: "str | Backend | MergeFunction",
    examples: int | None = None,
    *,
    profile: str = "default",
    seed: int = 0,
    only: str = "*",
    failures: Path | str = FAILURES,
) -> "Verdict":
    """Run the checks on a merge function, or on a backend, in this process.

    ``print(validate(my_merge, examples=50))`` prints the whole report; ``.conforms`` is True if every
    check ended as it should, and ``.passed`` if every check that ``only`` selects did. A function that
    crashes also ends this process, and one that hangs blocks it. ``merge-impls validate module:object``
    runs the function in a separate process instead.

    backend: the name of a backend, a ``Backend``, or a function from a problem to its result.
    examples: the number of problems for each random check; None: 200 in the profile "default", 50 in
        "ci", 2,000 in "expensive".
    profile: "default", "ci" or "expensive"; "expensive" also draws larger problems.
    seed: seed of the random problems.
    only: a pattern for the names of the checks to run, such as "laws/*".
    failures: the folder to which problems that fail are saved.
    Raises ``BackendUnavailable`` if the backend or the reference cannot run here, ValueError if
    ``only`` matches no check or the backend declares all its linkages approximate, and
    ModuleNotFoundError if hypothesis is not installed.
    """
    from merge_impls.conformance.backend_under_test import InProcessBackend
    from merge_impls.conformance.session import SessionOptions, run_checks

    target = InProcessBackend(backend)
    session_options = SessionOptions.from_arguments(
        profile, examples, seed, only, failures=Path(failures)
    )
    name = backend if isinstance(backend, str) else target.declaration.name
    return run_checks(target, name, session_options)
