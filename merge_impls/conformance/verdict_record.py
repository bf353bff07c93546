"""Write a verdict as a JSON file."""

import json
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

from merge_impls.backend import Backend
from merge_impls.conformance.outcomes import Outcome, Verdict
from merge_impls.file_writing import atomic_write
from merge_impls.machine import describe_machine
from merge_impls.registry import OWN_DISTRIBUTION

FORMAT = "merge-impls conformance 1"
"""The format of the file. Its number rises with every change that a reader of the old format would misread.

| key | |
|---|---|
| format | this string |
| conforms | bool: every check was run and ended as it should |
| passed | bool: every selected check ended as it should |
| backend | declared: name, version, linkages, approximate ones, dimensions, threads (null: any number) |
| reference | name and version of the reference |
| profile, examples, seed, only | the options of the run; examples: the number for each random check |
| versions | the versions of merge-impls and of hypothesis, which draws the random problems |
| machine | the dict of :func:`merge_impls.machine.describe_machine` |
| checks | for each check: name, state, examples, seconds, message, file (null: no problem was saved) |
"""


def write_verdict(path: Path, verdict: Verdict, declaration: Backend, **options: Any) -> None:
    """Write the file completely or, after an error, not at all.

    declaration: what the backend declares. options: the options "profile" and "only" of the run.
    """
    declared = {
        name: value
        for name, value in asdict(declaration).items()
        if name in ("version", "linkages", "approximate", "dimensions", "threads")
    }
    record = {
        "format": FORMAT,
        "conforms": verdict.conforms,
        "passed": verdict.passed,
        "backend": {"name": verdict.backend, **declared},
        "reference": verdict.reference,
        **options,
        "examples": verdict.examples,
        "seed": verdict.seed,
        "versions": {name: version(name) for name in (OWN_DISTRIBUTION, "hypothesis")},
        "machine": describe_machine(),
        "checks": [_outcome_record(outcome) for outcome in verdict.outcomes],
    }
    with atomic_write(path) as partial:
        partial.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")


def _outcome_record(outcome: Outcome) -> dict[str, Any]:
    return {
        "name": outcome.check,
        "state": outcome.state,
        "examples": outcome.examples,
        "seconds": round(outcome.seconds, 3),
        "message": outcome.message,
        "file": None if outcome.file is None else str(outcome.file),
    }
