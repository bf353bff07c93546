"""The report of a study of images: its tables, its figures, and the page that shows them."""

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

import pandas as pd

from bench.report.figures.ablation import plot_ablation
from bench.report.figures.speed_accuracy import plot_speed_accuracy
from bench.report.pages.notes import (
    STABILITY,
    ablation_notes,
    accuracy_notes,
    exactness_notes,
    notes_on_few_images,
    object_sizes_note,
    speed_accuracy_notes,
)
from bench.report.pages.page import Page, Table
from bench.report.pages.speed_study import add_field_tables
from bench.report.pages.study_pictures import FAILURES, GRID
from bench.report.run_summary import (
    count_images,
    describe_absent_optional,
    describe_cores,
    describe_environment,
    describe_failed_and_wrong_cells,
    describe_machine,
    describe_missing_ap,
)
from bench.report.tables.field_measurements import fields_and_images
from bench.report.tables.study_tables import IMAGE_TABLES, study_tables
from bench.report.tables.table_files import write_tables
from bench.report.tables.terminal_tables import terminal_table
from bench.runner.record import Record
from merge_impls.text_formats import pluralized

SPEED_ACCURACY, ABLATION = "speed_accuracy.png", "ablation.png"
"""The file names of the figures. A figure without data is not drawn."""

FIGURE_LINE_LABELS = {"components": "connected components of the semantic map"}
"""The label beside the line of each backend that has AP but no merge time."""

GRID_CAPTION = "image, semantic, affinities, instances, ground truth"
FAILURES_CAPTION = (
    "the worst of what was missed, joined and split, with the affinities that decided"
)


def write_image_study_report(
    folder: Path,
    found: Sequence[Record],
    figures: Collection[str] = (SPEED_ACCURACY, ABLATION),
    baseline: str | None = None,
) -> str:
    """Write tables, figures and page to ``folder``. Returns the main table for the terminal.

    figures: the figures to draw. baseline: see ``study_tables``.
    The page also shows figures and pictures that ``folder`` already has.
    """
    tables = study_tables(found, goals=(), baseline=baseline)
    write_tables(folder, tables)
    draw_image_study_figures(folder, found, tables, figures)
    page = image_study_page(folder, found, tables)
    page.add_environment(describe_environment(found))
    page.write(folder / "report.md")
    main = next(block for block in page.blocks if isinstance(block, Table))
    return terminal_table(main.name, main.frame)


def draw_image_study_figures(
    folder: Path,
    found: Sequence[Record],
    tables: Mapping[str, pd.DataFrame],
    figures: Collection[str] = (SPEED_ACCURACY, ABLATION),
    suffix: str = ".png",
) -> None:
    """Draw ``figures`` again. A figure without data is removed from ``folder``.

    suffix: ".png", or ".svg" for figures whose points have titles and links.
    """
    for figure in figures:
        _redraw_or_remove_figure((folder / figure).with_suffix(suffix), tables, found)


def image_study_page(
    folder: Path,
    found: Sequence[Record],
    tables: Mapping[str, pd.DataFrame],
    suffix: str = ".png",
    has_summary: bool = False,
) -> Page:
    """The page of the study. It shows the pictures, and the figures with ``suffix``, that ``folder`` has.

    has_summary: whether ``summarize_study``, which lists what is missing or wrong, stands before the page.
    """
    page = Page(f"Study {found[0].study}")
    of_fields, of_images = fields_and_images(found)
    page.add_paragraphs(_describe_run(of_images), *_describe_missing_ap_in_sentences(found))
    _add_lists_of_wrong_and_missing(page, [] if has_summary else found)
    if "exactness" in tables:
        every = tables["exactness"]
        page.add_table("Every method", "exactness", every, exactness_notes(every))
    has_rows = "ablation" in tables
    if has_rows:
        table, notes = tables["ablation"], ablation_notes(tables["ablation"])
        page.add_table(_heading_with_images("AP by row", table), "ablation", table, notes)
        figure = (folder / ABLATION).with_suffix(suffix)
        page.add_figure(figure, _ablation_caption(table))
        if "stability" in tables:
            page.add_table("Stability", "stability", tables["stability"], [STABILITY])
    else:
        figure = (folder / SPEED_ACCURACY).with_suffix(suffix)
        _add_speed_and_accuracy_tables(page, figure, tables)
    if "object_sizes" in tables:
        sizes = tables["object_sizes"]
        heading = _heading_with_images("AP by size of object", sizes)
        page.add_table(heading, "object_sizes", sizes, [object_sizes_note()])
    page.add_figure(folder / GRID, GRID_CAPTION + (": the last row" if has_rows else ""))
    page.add_figure(folder / FAILURES, FAILURES_CAPTION)
    if of_fields:
        field_tables = {name: tables[name] for name in tables if name not in IMAGE_TABLES}
        add_field_tables(page, folder, of_fields, field_tables, suffix)
    return page


def _ablation_caption(table: pd.DataFrame) -> str:
    """What the figure of an ``ablation_table`` shows, and why some rows have no whisker."""
    caption = "AP of each row"
    if table["change"].isna().all():
        return caption
    if notes_on_few_images(table):
        return f"{caption}, and its change, which has no interval because there are few images"
    return (
        f"{caption}; a whisker is the 95% interval of the change of AP from the compared row, not of AP; "
        "rows that are compared with no other row have no whisker"
    )


def _describe_missing_ap_in_sentences(found: Sequence[Record]) -> list[str]:
    return [f"{line[0].upper()}{line[1:]}." for line in describe_missing_ap(found)]


def _add_lists_of_wrong_and_missing(page: Page, found: Sequence[Record]) -> None:
    page.add_list_section("What went wrong", describe_failed_and_wrong_cells(found))
    backends = [record for record in found if not record.computes]
    page.add_list_section("Not there", describe_absent_optional(backends))


def _add_speed_and_accuracy_tables(
    page: Page, figure: Path, tables: Mapping[str, pd.DataFrame]
) -> None:
    """Add the tables and the figure of a study without variants."""
    speed = tables["speed_accuracy"]
    heading = _heading_with_images("AP against speed", speed)
    page.add_table(heading, "speed_accuracy", speed, speed_accuracy_notes(speed))
    page.add_figure(figure, "AP against merge time")
    if "accuracy" in tables:
        scores = tables["accuracy"]
        page.add_table("AP by method", "accuracy", scores, accuracy_notes(scores))


def _heading_with_images(heading: str, table: pd.DataFrame) -> str:
    """The heading of a table with the least and the most images of its rows, without rows of 0 images."""
    counts = sorted({*table["images"]} - {0}) if "images" in table else []
    if not counts:
        return heading
    least = "" if len(counts) == 1 else f"{counts[0]} to "
    return f"{heading}, {least}{pluralized(counts[-1], 'image')}"


def _describe_run(found: Sequence[Record]) -> str:
    cell, images = found[0].cell, max(map(count_images, found))
    timed = any(image.seconds for record in found for image in record.images)
    times = f"Merges are timed on {describe_cores(found)}." if timed else "Merges are not timed."
    return (
        f"{pluralized(images, 'image')} of {cell.dataset} {cell.split}, model {cell.model}, "
        f"measured on: {describe_machine(found)}. {times}"
    )


def _redraw_or_remove_figure(
    path: Path, tables: Mapping[str, pd.DataFrame], found: Sequence[Record]
) -> None:
    """Replace one figure. If there is nothing to draw, the old figure is only removed."""
    path.unlink(missing_ok=True)
    table = tables.get(path.stem)
    if table is None:
        return
    if path.stem == "ablation" and table["AP"].notna().any():
        plot_ablation(table, path)
    if path.stem == "speed_accuracy" and table["ms"].notna().any():
        if not describe_missing_ap(found):
            plot_speed_accuracy(table, path, _ap_of_figure_lines(found))


def _ap_of_figure_lines(records: Sequence[Record]) -> dict[str, float]:
    """AP of each backend that the figure shows as a line, by the label of the line."""
    return {
        FIGURE_LINE_LABELS[record.cell.backend]: record.scores["ap"]
        for record in records
        if record.cell.backend in FIGURE_LINE_LABELS and record.scores
    }
