"""The part of a page that compares two runs of a study."""

from collections.abc import Collection, Mapping, Sequence

import pandas as pd

from bench.report.pages.html_page import PagePart
from bench.report.pages.page import Page
from bench.report.pages.speed_notes import TOO_SHORT_NOTE
from bench.report.run_summary import describe_environment
from bench.report.tables.changes import changes_table
from bench.runner.record import Record
from bench.runner.recorded_times import recorded_measurements
from merge_impls.measurement_statistics import FASTER, SLOWER
from merge_impls.run_comparison import Change, Limits, compare_runs
from merge_impls.text_formats import format_three_digits

_NOTES = (
    "`time B / A`: the median over the images of the ratio of both times, with the bootstrap interval over "
    "the images (over the rounds for fields). Above 1, B is slower.",
    "The verdict is `slower` or `faster` if the whole interval is farther from 1 than the noise floor, "
    f"otherwise `indistinguishable`. {TOO_SHORT_NOTE}",
)


def comparison_part(
    before: Sequence[Record],
    after: Sequence[Record],
    limits: Limits,
    command: str,
    one_run: bool = False,
) -> PagePart:
    """The comparison of run A (``before``) with run B (``after``). Raises as ``compare_runs``.

    command: the command line that writes the page. one_run: see ``recorded_measurements``.
    """
    runs = recorded_measurements(before, one_run), recorded_measurements(after, one_run)
    changes = compare_runs(*runs)
    page = Page(f"Changes of study {after[0].study}, from run A to run B")
    page.add_table("Changes by cell", "changes", _shown_changes(changes, limits), _NOTES)
    alone = sorted(runs[0].keys() ^ runs[1].keys())
    environment = {
        f"{name}: {entry}": value
        for name, records in (("A", before), ("B", after))
        for entry, value in describe_environment(records).items()
    }
    return PagePart(
        page,
        _summarize(changes, limits, alone),
        environment,
        {"This page was written from the records by:": command},
    )


def _shown_changes(changes: Sequence[Change], limits: Limits) -> pd.DataFrame:
    """The ``changes_table`` with a column that says which limits are exceeded, as the page names columns."""
    exceeded = ["exceeded" if limits.exceeded(change) else "" for change in changes]
    table = changes_table(changes).assign(limit=exceeded)
    return table.rename(
        columns={
            "ratio": "time_ratio",
            "low": "time_low",
            "high": "time_high",
            "verdict": "verdict of time",
            "ap": "ap_change",
        }
    )


def _summarize(
    changes: Sequence[Change], limits: Limits, alone: Sequence[str]
) -> Mapping[str, list[str]]:
    """Sentences about the changes, by the question that they answer."""
    moved = [change for change in changes if change.ap]
    doubtful = {change.verdict for change in changes} - {SLOWER, FASTER}
    return {
        "What is slower in B?": _with_verdicts(changes, {SLOWER}) or ["No cell."],
        "What is faster in B?": _with_verdicts(changes, {FASTER}) or ["No cell."],
        "Where did AP change?": [f"{change.cell}: {change.ap:+.4f}." for change in moved]
        or ["AP changed in no cell."],
        "What may be chance?": _with_verdicts(changes, doubtful) or ["No change of time."],
        "Which limits are exceeded?": [
            f"{change.cell}." for change in changes if limits.exceeded(change)
        ]
        or ["None."],
        "What is not compared?": [f"{cell}: only one run has it." for cell in alone]
        or ["Both runs have the same cells."],
    }


def _with_verdicts(changes: Sequence[Change], verdicts: Collection[str]) -> list[str]:
    """A sentence for each cell whose time has one of these verdicts."""
    return [
        f"{change.cell}: {change.verdict}, {format_three_digits(change.time.value)} times the time of A "
        f"({format_three_digits(change.time.low)} to {format_three_digits(change.time.high)})."
        for change in changes
        if change.time and change.verdict in verdicts
    ]
