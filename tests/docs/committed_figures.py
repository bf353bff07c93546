"""The tables and figures of the pages, taken from the committed records.

A page marks them with comments, which a reader does not see:

    <!-- table: STUDY/TABLE -->                        the table of this study follows
    <!-- table: STUDY/TABLE | COLUMN, COLUMN -->       these columns of it, as the CSV names them
    <!-- cell: STUDY/TABLE | ROW | COLUMN -->          one cell follows; ROW is the first column's value

and ``<!-- end -->`` after the table or the cell. ``python -m tests.docs.committed_figures`` writes all of
them into the pages anew.
"""

import re
from functools import cache

import pandas as pd

from bench.report.tables.formats import to_markdown
from bench.report.tables.published_table1 import table1
from bench.report.tables.shown_columns import shown_columns_markdown
from bench.report.tables.study_tables import study_tables
from bench.runner.records_of_runs import read_runs
from bench.runner.study_file import read_study
from benchmarks.frame_cost import COST_FILE, cost_table
from benchmarks.large_frame import PARTS_FILE, large_frame_table
from benchmarks.tile_differences import DIFFERENCES_FILE, tile_differences_table
from tests.docs.pages import PAGES, ROOT
from tests.docs.reckoned_inference import reckoned_inference
from tests.docs.reckoned_training import reckoned_disk, reckoned_training

MARKED = re.compile(r"<!-- (table|cell): ([^|]*?)(?: \| (.*?))? -->(.*?)<!-- end -->", re.DOTALL)


@cache
def tables_of_study(study):
    """All tables of a study's committed records by name, as its report has them.

    The study "published" has the rows of Table 1 that the paper published; "reckoned" has what the training
    of the paper takes, which is not measured; "measured" has the measurements of ``benchmarks``, by the
    name of their module.
    """
    if study == "measured":
        return {
            "frame_cost": cost_table(pd.read_csv(COST_FILE)),
            "large_frame": large_frame_table(pd.read_csv(PARTS_FILE)),
            "tile_differences": tile_differences_table(pd.read_csv(DIFFERENCES_FILE)),
        }
    if study == "reckoned":
        return {
            "training": reckoned_training(),
            "disk": reckoned_disk(),
            "inference": reckoned_inference(),
        }
    if study == "published":
        return {"table1": table1()}
    return study_tables(read_runs([ROOT / "results" / study]), read_study(study).goals)


def find_table(name):
    """The name and the frame of the table STUDY/TABLE."""
    study, _, table = name.partition("/")
    return table, tables_of_study(study)[table]


def figure_text(kind, name, argument):
    """What has to stand after a marker."""
    table, frame = find_table(name)
    if kind == "table":
        text = (
            to_markdown(frame, argument.split(", "))
            if argument
            else shown_columns_markdown(table, frame)
        )
        return f"\n\n{text}\n\n"
    row, _, column = argument.rpartition(" | ")
    return to_markdown(frame[frame.iloc[:, 0] == row], [column]).splitlines()[-1].strip("| ")


def with_figures(text):
    """The text of a page with every table and cell written anew."""

    def written(match):
        kind, name, argument, _ = match.groups()
        head = match[0][: match[0].index("-->") + 3]
        return f"{head}{figure_text(kind, name, argument)}<!-- end -->"

    return MARKED.sub(written, text)


def main():
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        page.write_text(with_figures(text), encoding="utf-8")


if __name__ == "__main__":
    main()
