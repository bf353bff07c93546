"""The table of the cells that a run would measure, and the time that it would take."""

import os
from collections import Counter
from collections.abc import Sequence

import pandas as pd

from bench.methods.all_methods import find_method
from bench.report.tables.method_names import REMARK
from bench.runner.run_plan import PlannedCell
from merge_impls.machine import usable_core_numbers

MERGED_TWICE = "merged twice, in two processes: the A/A measurement"


def planned_cells_table(planned: Sequence[PlannedCell]) -> pd.DataFrame:
    """One row for each cell of a run; the columns without any entry are left out.

    ``there`` is the number of problems that an earlier run has measured. ``minutes`` is "?" if the time is
    unknown. ``note`` says why a method cannot run, or which one is merged twice for the A/A measurement.
    """
    frame = pd.DataFrame([_row(each) for each in planned])
    return frame.drop(
        columns=[name for name in ("row", "linkage", "note") if not frame[name].any()]
    )


def _row(planned: PlannedCell) -> dict[str, object]:
    cell, method = planned.cell, find_method(planned.cell.backend)
    is_approximate = bool(method.target) and cell.linkage in method.approximate
    return {
        "data": f"{cell.dataset} {cell.split}",
        "row": cell.row or "",
        "method": f"{cell.backend}{REMARK if is_approximate else ''}",
        "linkage": cell.linkage or "",
        "threads": cell.threads,
        "scope": cell.scope,
        "problems": planned.problems,
        "there": planned.there,
        "minutes": "?" if planned.seconds is None else f"{planned.seconds / 60:.1f}",
        "note": planned.reason or (MERGED_TWICE if planned.twice else ""),
    }


def describe_plan(planned: Sequence[PlannedCell]) -> str:
    """The table in Markdown, and a line with the time of all merges that are missing."""
    table = planned_cells_table(planned).to_markdown(index=False, disable_numparse=True)
    missing = sum(each.problems - each.there for each in planned if not each.reason)
    if not missing:
        return f"{table}\n\nEverything is there; --fresh measures it again."
    seconds = sum(each.seconds or 0 for each in planned)
    time = f"{seconds / 3600:.1f} hours" if seconds > 3600 else f"{seconds / 60:.1f} minutes"
    return (
        f"{table}\n\nMerges to come: {_describe_known_time(time, planned)}. Networks and scores come on top, "
        f"and may take longer than all merges.{_describe_bases(planned)}"
    )


def _describe_known_time(time: str, planned: Sequence[PlannedCell]) -> str:
    """The time of all merges that are missing, as far as it is known. time: this part, in words."""
    unknown = sum(each.seconds is None for each in planned)
    if not unknown:
        return f"about {time}"
    advice = "run the study with --limit 4 first, and plan again"
    if not any(each.seconds for each in planned):
        return f"their time is unknown, as no earlier run has measured such images: {advice}"
    return (
        f"about {time} without {unknown} of {len(planned)} cells, whose time is unknown: {advice}"
    )


def _describe_bases(planned: Sequence[PlannedCell]) -> str:
    """What the times rest on, and how busy this machine is."""
    bases = Counter(each.basis for each in planned if each.basis)
    if not bases:
        return ""
    words = "; ".join(
        f"{basis} ({count} cell{'' if count == 1 else 's'})" for basis, count in bases.items()
    )
    load, cores = os.getloadavg()[0], len(usable_core_numbers())
    return (
        f"\nThe time rests on: {words}.\nBeside other work merges take longer; the load here is {load:.1f} "
        f"on {cores} core{'' if cores == 1 else 's'}."
    )
