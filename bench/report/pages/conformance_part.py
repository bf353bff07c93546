"""The part of a page that shows what the conformance kit checked of a backend, and what failed."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from bench.report.pages.html_page import PagePart
from bench.report.pages.page import Page
from merge_impls.conformance.outcomes import CONFORMING_STATES, CheckState
from merge_impls.conformance.verdict_record import FORMAT
from merge_impls.regular_files import check_regular_file
from merge_impls.text_formats import pluralized

_NOTE = (
    "A check executes the backend on one or more problems (`examples`) and compares each result with that of "
    "the reference. Checks that did not end as they should come first."
)


def conformance_part(path: Path) -> PagePart:
    """The part of a page for a file of ``merge-impls validate --json``.

    Raises ValueError, one line, if the file is another one.
    """
    verdict = _read_verdict(path)
    backend = verdict["backend"]
    page = Page(f"Conformance of {backend['name']} {backend['version']}")
    page.add_table("Checks", "checks", _checks_table(verdict["checks"]), [_NOTE])
    environment = {name: str(value) for name, value in verdict["machine"].items()}
    return PagePart(page, _summarize(verdict), environment | verdict["versions"])


def _read_verdict(path: Path) -> dict[str, Any]:
    check_regular_file(path)
    try:
        verdict = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{path}: not JSON ({error}); write it with {_writer()}") from None
    found = verdict.get("format") if isinstance(verdict, dict) else None
    if found != FORMAT or not verdict.get("checks"):
        raise ValueError(f"{path}: holds no checks of format {FORMAT!r}; write it with {_writer()}")
    return dict(verdict)


def _writer() -> str:
    return "merge-impls validate BACKEND --json FILE"


def _checks_table(checks: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """One row for each check, in the order of the file, but bad ends first."""
    rows = [
        {
            "check": check["name"],
            "state": check["state"],
            "examples": check["examples"],
            "seconds": float(check["seconds"]),
            "reason": check["message"].partition("\n")[0],
            "message": check["message"],
            "file": check["file"] or "",
        }
        for check in sorted(checks, key=_ended_as_it_should)
    ]
    return pd.DataFrame(rows)


def _ended_as_it_should(check: Mapping[str, Any]) -> bool:
    return check["state"] in CONFORMING_STATES


def _summarize(verdict: Mapping[str, Any]) -> dict[str, list[str]]:
    """Sentences about the verdict, by the question that they answer."""
    checks = verdict["checks"]
    bad = [check for check in checks if not _ended_as_it_should(check)]
    answer = "yes: every check was run and ended as it should"
    if not verdict["conforms"]:
        answer = "not shown: only some checks were run, and they ended as they should"
    if not verdict["passed"]:
        answer = f"no: {len(bad)} of {len(checks)} checks did not end as they should"
    return {
        "Does it conform?": [f"`{verdict['backend']['name']}`: {answer}."],
        "What was checked?": [*_describe_groups(checks), _describe_options(verdict)],
        "What failed?": [
            f"`{check['name']}`: {check['state']}: {check['message'].partition(chr(10))[0]}"
            for check in bad
        ]
        or ["Nothing."],
        "What was not checked?": [*_describe_unchecked(verdict)] or ["Every check was executed."],
    }


def _describe_groups(checks: Iterable[Mapping[str, Any]]) -> Iterable[str]:
    """A sentence for each group of checks, which is the first part of their names."""
    executed = [check for check in checks if check["state"] != CheckState.SKIPPED]
    examples: Counter[str] = Counter()
    for check in executed:
        examples[check["name"].partition("/")[0]] += check["examples"]
    counts = Counter(check["name"].partition("/")[0] for check in executed)
    return [
        f"`{group}`: {pluralized(count, 'check')}, {pluralized(examples[group], 'example')}."
        for group, count in counts.items()
    ]


def _describe_options(verdict: Mapping[str, Any]) -> str:
    only = f", only `{verdict['only']}`" if verdict.get("only") else ""
    return (
        f"The reference is {verdict['reference']}; profile {verdict['profile']}, "
        f"{verdict['examples']} examples for each random check, seed {verdict['seed']}{only}."
    )


def _describe_unchecked(verdict: Mapping[str, Any]) -> Iterable[str]:
    if verdict["passed"] and not verdict["conforms"]:
        yield "The options left out checks, so that conformance is not shown."
    if verdict["backend"]["approximate"]:
        yield f"Approximate linkages: {', '.join(verdict['backend']['approximate'])}."
    skipped = Counter(
        check["message"] for check in verdict["checks"] if check["state"] == CheckState.SKIPPED
    )
    for reason, count in skipped.items():
        yield f"{pluralized(count, 'check')} skipped: {reason}"
