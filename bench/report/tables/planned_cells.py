"""The table of the cells that a run would measure, and the time that it would take."""

from collections.abc import Sequence

import pandas as pd

from bench.methods.all_methods import find_method
from bench.report.tables.method_names import REMARK
from bench.runner.run_plan import PlannedCell

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
    unknown = sum(each.seconds is None for each in planned)
    without = (
        f" without {unknown} of {len(planned)} cells, whose time is unknown" if unknown else ""
    )
    return (
        f"{table}\n\nMerges to come: about {time}{without}. Networks and scores come on top, and may take "
        "longer than all merges."
    )
