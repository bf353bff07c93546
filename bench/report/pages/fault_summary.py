"""The sentences of a summary on what is wrong, and on which results were compared with the reference."""

import re
from collections.abc import Iterable, Mapping, Sequence

import pandas as pd

from bench.report.pages.doubtful_times import describe_doubt_of_all_times
from bench.report.run_summary import describe_failed_and_wrong_cells
from bench.report.tables.image_merge_times import APPROXIMATE, identity_verdict
from bench.report.tables.method_names import names_of_compared
from bench.runner.approximate_merges import is_approximate_merge
from bench.runner.record import Record, latest_record_of_each_cell
from merge_impls.text_formats import pluralized


def describe_faults(found: Sequence[Record], tables: Mapping[str, pd.DataFrame]) -> list[str]:
    """A sentence if all times are doubtful, and for each wrong cell and missed goal; one if there are none.

    The last sentences name the results that are approximate, so that the comparison says less about them.
    """
    latest = latest_record_of_each_cell(found)
    faults = describe_failed_and_wrong_cells(latest)
    goals = tables.get("goals")
    if goals is not None:
        missed = goals[goals["reached"] == "MISSED"]
        faults += [f"goal missed: {goal}" for goal in missed["goal"]]
    doubts = describe_doubt_of_all_times(tables)
    return [
        *doubts,
        *(faults or [_describe_equality(latest, "Nothing else" if doubts else "Nothing")]),
        *_describe_forced_rows(latest),
        *_describe_methods_without_comparison(latest),
    ]


def _describe_equality(latest: Sequence[Record], start: str) -> str:
    done = sum(record.state == "done" for record in latest)
    names = _names_of_compared(latest)
    differs = f"no result that was compared differs, bit for bit, from that of {', '.join(names)}"
    if all(" on crops of " in name for name in names):
        differs += "; whole images were not compared"
    differs = differs if names else "no results were compared"
    return f"{start}: {done} of {len(latest)} cells are done, and {differs}."


def _names_of_compared(found: Iterable[Record]) -> list[str]:
    """The names of all methods with whose results others were compared, without the number of threads.

    The reference merges crops alone: its name has their size in pixels, such as "networkx on crops of 8x16".
    """
    texts = [text for record in found for text in names_of_compared(record).split(", ")]
    names = [re.sub(r" on (maps|crops)$", "", text) for text in texts if text]
    return [*dict.fromkeys(name for name in names if not re.fullmatch(r"\d+ threads", name))]


def _describe_forced_rows(latest: Sequence[Record]) -> list[str]:
    """One sentence on the rows with forced local merge, whose comparison does not cover that step."""
    forced = [
        record
        for record in latest
        if identity_verdict(record) == APPROXIMATE and not record.computes and record.cell.row
    ]
    rows = [*dict.fromkeys(f"`{record.cell.row}`" for record in forced)]
    if not rows:
        return []
    approximate = f"{pluralized(len(rows), 'row is', 'rows are')} approximate by forced local merge"
    return [
        f"{approximate}: {', '.join(rows)}. The comparison covers the graph merge after this step; the "
        "segments may differ from those of the exact merge without this step."
    ]


def _describe_methods_without_comparison(latest: Sequence[Record]) -> list[str]:
    """One sentence on the approximate methods, whose results are never compared bit for bit."""
    done = [record for record in latest if record.state == "done" and is_approximate_merge(record)]
    names = [*dict.fromkeys(f"`{record.cell.backend}`" for record in done)]
    if not names:
        return []
    methods = pluralized(len(names), "approximate method was", "approximate methods were")
    return [f"{methods} not compared bit for bit: {', '.join(names)}."]
