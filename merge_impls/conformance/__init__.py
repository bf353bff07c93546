"""What every backend must get right, and the kit that finds out whether one does.

``merge-impls validate NAME`` runs it from a shell, ``pytest --pyargs merge_impls.conformance
--merge-backend NAME`` under pytest, and :func:`validate` in a notebook. The kit needs the extra
``conformance``.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from merge_impls.conformance.defaults import FAILURES

if TYPE_CHECKING:  # the cases worked out by hand do without hypothesis, which the kit needs
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
    """Run the checks on a function, or on a backend, right here in this process.

    ``print(validate(my_merge, examples=50))`` is the whole report; ``.conforms`` says it in a word.
    A function that crashes or hangs takes this process with it; ``merge-impls validate
    module:object`` gives it one of its own.

    backend: anything that ``merge`` takes. examples: of each random check; None takes those of the
    profile, 200 in "default", 50 in "ci", 2,000 and larger ones in "expensive".
    only: a pattern for names of checks, such as "laws/*".
    failures: the folder for counterexamples.
    Raises ``BackendUnavailable`` if the backend or the reference cannot run here, ValueError if no
    check is named so, ModuleNotFoundError without hypothesis.
    """
    from merge_impls.conformance.session import SessionOptions, run_checks
    from merge_impls.conformance.target import InProcess

    target = InProcess(backend)
    session_options = SessionOptions.from_arguments(
        profile, examples, seed, only, failures=Path(failures)
    )
    name = backend if isinstance(backend, str) else target.declaration.name
    return run_checks(target, name, session_options)
