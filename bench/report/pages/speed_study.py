"""The report of a study of generated fields: its tables, its figure, and the page that shows them."""

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure

from bench.report.figures.style import Layout, save_layouts, set_title_and_link
from bench.report.figures.time_against_edges import (
    names_of_methods,
    plot_time_against_edges,
)
from bench.report.pages.notes import field_table_notes
from bench.report.pages.page import Page
from bench.report.run_summary import (
    describe_absent_optional,
    describe_cores,
    describe_environment,
    describe_failed_and_wrong_cells,
    describe_machine,
    describe_unsupported_families,
)
from bench.report.tables.field_measurements import largest_common_size
from bench.report.tables.graph_families import LEAST_SECONDS, cpu_time_growths
from bench.report.tables.shown_columns import row_id, row_titles
from bench.report.tables.study_tables import study_tables
from bench.report.tables.table_files import write_tables
from bench.report.tables.terminal_tables import terminal_table
from bench.runner.record import Record
from bench.runner.study import Goal
from merge_impls.fields import FAMILIES
from merge_impls.speed_comparison.growth import Growth
from merge_impls.speed_comparison.plot import COLUMNS, growth_figure

SCALING_FIGURE = "scaling.png"
FAMILIES_FIGURE = "families.png"

_FIGURES = {
    "scaling": (SCALING_FIGURE, "time against edges"),
    "families": (FAMILIES_FIGURE, "time against edges, for each family"),
}
"""The figure below a table, and its caption."""

_HEADINGS = {
    "scaling": "Time against edges (wall time)",
    "families": "Families of graphs, side by side (wall time)",
    "family_speeds": "Families of graphs, the largest of each (CPU time)",
}
"""The headings of the tables that do not depend on what was measured."""


def write_speed_study_report(
    folder: Path,
    found: Sequence[Record],
    goals: Sequence[Goal],
    figures: Collection[str] = (SCALING_FIGURE, FAMILIES_FIGURE),
    baseline: str | None = None,
) -> dict[str, str]:
    """Write tables, figure and page to ``folder``. Returns the tables for the terminal, by their headings.

    goals: the goals of the study. figures: the figures to draw. baseline: see ``study_tables``.
    The page also shows the figure if ``folder`` already has it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for old in (*map(folder.joinpath, figures), *folder.glob("*.csv")):
        old.unlink(missing_ok=True)  # it may belong to an earlier run
    tables = study_tables(found, goals, baseline)
    write_tables(folder, tables)
    draw_speed_study_figures(folder, found, tables, figures)
    page = speed_study_page(folder, found, tables)
    page.add_environment(describe_environment(found))
    page.write(folder / "report.md")
    return {
        _table_heading(name, table, found): terminal_table(name, table)
        for name, table in tables.items()
    }


def draw_speed_study_figures(
    folder: Path,
    found: Sequence[Record],
    tables: Mapping[str, pd.DataFrame],
    figures: Collection[str] = (SCALING_FIGURE, FAMILIES_FIGURE),
    suffix: str = ".png",
) -> None:
    """Draw those of ``figures`` for which there are data.

    suffix: ".png", or ".svg" for figures whose points have titles and links.
    """
    growths = cpu_time_growths(found)
    scaling = tables.get("scaling", pd.DataFrame())
    methods = {*names_of_methods(scaling), *(each.backend for each in growths)}
    if len(scaling) and SCALING_FIGURE in figures:
        plot_time_against_edges(scaling, (folder / SCALING_FIGURE).with_suffix(suffix), methods)
    if growths and FAMILIES_FIGURE in figures:
        file = (folder / FAMILIES_FIGURE).with_suffix(suffix)
        save_layouts(lambda layout: _families_figure(layout, growths, methods, tables), file)


def _families_figure(
    layout: Layout,
    growths: Sequence[Growth],
    methods: Collection[str],
    tables: Mapping[str, pd.DataFrame],
) -> Figure:
    """The ``growth_figure`` with links to the table ``families``. On a phone, panels are stacked."""
    figure: Figure = growth_figure(growths, COLUMNS if layout is Layout.WIDE else 1, methods)
    _link_lines_to_rows(figure, tables["families"])
    return figure


def _link_lines_to_rows(figure: Figure, families: pd.DataFrame) -> None:
    """Give each line of a ``growth_figure`` its row of the table ``families`` as a title and a link."""
    lines = {
        (axes.get_title(), str(line.get_label()).rpartition(":")[0]): line
        for axes in figure.axes
        for line in axes.lines
    }
    titles = row_titles("families", families)
    for number, row in enumerate(families.to_dict("records")):
        line = lines.get((row["family"], f"{row['backend']}, {row['linkage']}"))
        if line is not None and row["threads"] == 1:
            set_title_and_link(line, titles[number], f"#{row_id('families', number)}")


def speed_study_page(
    folder: Path,
    found: Sequence[Record],
    tables: Mapping[str, pd.DataFrame],
    suffix: str = ".png",
    has_summary: bool = False,
) -> Page:
    """The page of the study. It shows the figures with ``suffix`` that ``folder`` has.

    has_summary: whether ``summarize_study``, which lists what is missing or wrong, stands before the page.
    """
    page = Page(f"Study {found[0].study}")
    page.add_paragraphs(
        f"The seeded fields of `merge_impls.fields`, measured on: {describe_machine(found)}. "
        f"Merges are timed on {describe_cores(found)}."
    )
    if not has_summary:
        page.add_list_section("What went wrong", describe_failed_and_wrong_cells(found))
        page.add_list_section("Not there", describe_absent_optional(found))
        page.add_list_section("Unsupported", describe_unsupported_families(found))
    add_field_tables(page, folder, found, tables, suffix)
    return page


def add_field_tables(
    page: Page,
    folder: Path,
    found: Sequence[Record],
    tables: Mapping[str, pd.DataFrame],
    suffix: str,
) -> None:
    """Add the tables of fields to a page, and the figures with ``suffix`` that ``folder`` has.

    found: the records of fields. tables: the ``speed_study_tables`` of these records.
    """
    for name, table in tables.items():
        heading = _table_heading(name, table, found)
        page.add_table(heading, name, table, field_table_notes(name, table))
        if name in _FIGURES:
            figure, caption = _FIGURES[name]
            page.add_figure((folder / figure).with_suffix(suffix), caption)


def _table_heading(name: str, table: pd.DataFrame, found: Sequence[Record]) -> str:
    """The heading of the table of this name."""
    if name in _HEADINGS:
        return _HEADINGS[name]
    size = largest_common_size([record for record in found if record.cell.split not in FAMILIES])
    if name == "goals":
        return f"Goals, on {size} (wall time)"
    if name == "worst_families":
        baselines = ", ".join(dict.fromkeys(table["speedup_over"]))
        where = f"of those where {baselines} needs {LEAST_SECONDS:g} s or more (CPU time)"
        return f"Families of graphs, the worst for each backend, {where}"
    noise, edges = name.removeprefix("speed_"), table["edges"].max()
    return f"Side by side, {size}, {noise} noise, {edges:,} edges (wall time)"
