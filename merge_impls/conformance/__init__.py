"""The conformance kit: checks of whether a backend does what the contract says.

``merge-impls validate NAME`` runs them from a shell, ``pytest --pyargs merge_impls.conformance
--merge-backend NAME`` under pytest, and :func:`validate` in a notebook. For ``@given`` tests of one's
own, :func:`merge_impls.conformance.strategies.problems` draws random problems. The kit needs the
extra ``conformance``.

``checks`` lists the checks. ``session`` chooses and runs them: for each, ``check_runner`` hands the
check a ``harness``, which merges problems with the ``backend_under_test``, compares results with the
``choose_reference`` through the ``comparator``, and turns what comes of it into ``outcomes``. Problems come
from ``cases``, ``generate`` and ``laws``; a failure goes through ``shrink`` and ``explain``.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from merge_impls.conformance.option_defaults import FAILURES

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
