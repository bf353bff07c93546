"""The first part of a page with several runs: one row for each run, and what the rows say in words."""

from collections.abc import Mapping, Sequence

import pandas as pd

from bench.digests import json_digest
from bench.report.pages.html_page import PagePart
from bench.report.pages.page import Page
from bench.report.run_summary import describe_failed_and_wrong_cells
from bench.report.tables.runs_side_by_side import runs_table
from bench.runner.record import Record, latest_record_of_each_cell
from merge_impls.text_formats import format_three_digits, pluralized

_NOTES = (
    "`best AP`: the highest AP of the run, without methods that read the annotation. AP of different data "
    "sets or models cannot be compared as if only the method differed.",
    "`fastest`: the exact method with the lowest median time on whole images or fields. Times of different "
    "machines, or of different images, are not comparable.",
)


def runs_overview(
    runs: Mapping[str, Sequence[Record]], tables: Sequence[Mapping[str, pd.DataFrame]]
) -> PagePart:
    """The overview of several runs.

    runs: the records of each run, by its name. tables: the ``study_tables`` of each run, in the same order.
    """
    overview = runs_table(runs, tables)
    page = Page("All runs")
    page.add_table("Runs side by side", "runs", overview, _NOTES)
    return PagePart(page, _summarize(overview, runs))


def _summarize(
    overview: pd.DataFrame, runs: Mapping[str, Sequence[Record]]
) -> dict[str, list[str]]:
    wrong = [
        f"`{name}`: {len(faults)} failed or wrong cells, which its own part names."
        for name, found in runs.items()
        if (faults := describe_failed_and_wrong_cells(latest_record_of_each_cell(found)))
    ]
    best = overview[overview["AP"].notna()].to_dict("records")
    timed = overview[overview["ms"].notna()].to_dict("records")
    machines = {json_digest(dict(record.machine)) for found in runs.values() for record in found}
    together = "one machine" if len(machines) == 1 else f"{len(machines)} machines"
    return {
        "What is compared?": [f"{len(runs)} runs of {together}."],
        "What has the best AP in each run?": [
            f"`{row['run']}`: `{row['best']}`, AP {row['AP']:.3f} on {pluralized(row['images'], 'image')}."
            for row in best
        ]
        or ["No AP was measured."],
        "What is fastest in each run?": [
            f"`{row['run']}`: `{row['fastest']}`, {format_three_digits(row['ms'])} ms."
            for row in timed
        ]
        or ["No time was measured."],
        "What is wrong?": wrong or ["Nothing: no cell of any run failed, and no result differs."],
    }
