"""The conformance kit: checks of whether a backend does what the contract says.

``merge-impls validate NAME`` runs them from a shell, ``pytest --pyargs merge_impls.conformance
--merge-backend NAME`` under pytest, and :func:`validate` in a notebook. For ``@given`` tests of one's
own, :func:`merge_impls.conformance.strategies.problems` draws random problems. The kit needs the
extra ``conformance``.

One run goes through these modules, in this order:

1. The front ends: ``commands.validate``, :func:`validate` below, or pytest with ``pytest_options`` (its
   options), ``conftest`` (its worker) and ``test_conformance`` (its tests). All take their defaults
   from ``option_defaults``, and make a ``backend_under_test``.
2. ``session`` chooses some of the ``checks`` by the options, and ``choose_reference`` the reference.
3. ``check_runner`` runs each check. It gives the check a ``harness``, through which the check merges
   problems from ``cases``, ``generate`` and ``laws``.
4. The ``harness`` asks the ``comparator``, which merges a problem with the backend and with the
   reference, and compares the two results.
5. After a failure ``check_runner`` makes the problem smaller (``shrink``), says what is wrong
   (``explain``) and saves it (``replay_file``).
6. ``outcomes`` holds how each check ended and the verdict; ``verdict_record`` writes it as JSON.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from merge_impls.conformance.option_defaults import FAILURES

NO_HYPOTHESIS = "hypothesis is not installed: pip install 'merge-impls[conformance]'"
"""The error of every front end where hypothesis is missing."""

if TYPE_CHECKING:  # the command line reads this module where hypothesis is not installed
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
    """Run the checks on a function, or on a backend, in this process.

    ``print(validate(my_merge, examples=50))`` prints the whole report; ``.conforms`` is the result as a
    bool. A function that crashes or hangs takes this process with it; ``merge-impls validate
    module:object`` runs it in a process of its own.

    backend: anything that ``merge`` takes. examples: of each random check; None takes the profile's
    number: 200 in "default", 50 in "ci", 2,000 and larger problems in "expensive".
    seed: other random examples. only: a pattern for names of checks, such as "laws/*".
    failures: the folder for counterexamples.
    Raises ``BackendUnavailable`` if the backend or the reference cannot run here, ValueError if
    ``only`` matches no check, ModuleNotFoundError without hypothesis.
    """
    from merge_impls.conformance.backend_under_test import InProcessBackend
    from merge_impls.conformance.session import SessionOptions, run_checks

    target = InProcessBackend(backend)
    session_options = SessionOptions.from_arguments(
        profile, examples, seed, only, failures=Path(failures)
    )
    name = backend if isinstance(backend, str) else target.declaration.name
    return run_checks(target, name, session_options)
