"""The report of a study of images: records, tables, figures and pictures, and the page that shows them."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from bench.datasets import Dataset
from bench.report.figures.ablation import plot_ablation
from bench.report.figures.speed_accuracy import plot_speed_accuracy
from bench.report.pages.page import Page
from bench.report.pages.study_pictures import FAILURES, GRID, draw_pictures
from bench.report.run_summary import describe_machine, failed_cells
from bench.report.tables.ablation import ablation_table
from bench.report.tables.formats import to_markdown, write_csv
from bench.report.tables.image_study import accuracy_table, speed_accuracy_table
from bench.runner import records
from bench.runner.image_results import StudyResult
from bench.runner.record import Record
from bench.runner.study import Study

if TYPE_CHECKING:
    from bench.pipeline.segment import Pipeline

SPEED_ACCURACY, ABLATION = "speed_accuracy.png", "ablation.png"
"""The figures; a figure without data is left out."""

FIGURE_LINE_LABELS = {"components": "connected components of the semantic map"}
"""The label beside the line of each backend that has AP but no merge time."""

TIMING_NOTE = (
    "Time is that of `merge(problem)` in a process of its own on one core, median and quartiles over the "
    "images: a checked problem in memory (uint16 affinities and mask) in; labels, sizes, confidences and "
    "history out. A backend has a time only where all its results in this run are identical, to the bit, to "
    "those named beside it."
)

SCORED_ALONE_NOTE = (
    "`components`: connected components of the network's semantic map with more pixels than r_c of "
    "linkage average; `truth components`: of the annotated map; `truth affinities`: "
    "annotated affinities with the network's classes, `truth semantics`: the reverse, `truth`: "
    "both annotated, through the same pipeline; `mutex watershed`: bioimage-cpp's, on the same "
    "affinities as ours. `score at 0.5` and the like: TP / (TP + FP + FN) at that overlap, the mean of "
    "images."
)

ABLATION_NOTE = (
    "`paper`: the paper's AP of this row, on Cityscapes val with its own networks: for the direction, not "
    "to be reached here. Change: of AP against another row of the same linkage, with the paired bootstrap "
    "interval over images (95%, 1000 draws). Vertices, edges and regions: means of an image, all its graphs "
    "together; time likewise."
)

GRID_CAPTION = "image, semantic, affinities, instances, ground truth"
FAILURES_CAPTION = (
    "the worst of what was missed, joined and split, with the affinities that decided"
)


def write_report(
    folder: Path, study: Study, found: StudyResult, pipeline: "Pipeline", dataset: Dataset
) -> str:
    """Write records, tables, pictures and page to ``folder``; returns the main table as Markdown."""
    folder.mkdir(parents=True, exist_ok=True)
    records.write(folder / "records.jsonl", found.records)
    for figure in (SPEED_ACCURACY, ABLATION, GRID, FAILURES):
        (folder / figure).unlink(missing_ok=True)  # an earlier run's is not this one's
    if study.pictures:
        draw_pictures(folder, study, found, pipeline, dataset)
    page = Page(f"Study {study.name}")
    page.add(_describe_run(found))
    page.list_section("What went wrong", failed_cells(found.records))
    add_tables = _add_ablation if study.variants else _add_speed_accuracy
    table = add_tables(page, folder, found.records)
    page.figure(folder / GRID, GRID_CAPTION + (": the last row" if study.variants else ""))
    page.figure(folder / FAILURES, FAILURES_CAPTION)
    page.write(folder / "report.md")
    return table


def _describe_run(found: StudyResult) -> str:
    cell = found.records[0].cell
    images = max(len(results) for results in found.image_results.values())
    return (
        f"{images} images of {cell.dataset} {cell.split}, model {cell.model}, "
        f"measured on: {describe_machine(found.records)}."
    )


def _add_ablation(page: Page, folder: Path, records: Sequence[Record]) -> str:
    """Write and add the table and the figure of a study with variants; returns the table as Markdown."""
    frame = ablation_table(records)
    write_csv(frame, folder / "ablation.csv")
    if frame["AP"].notna().any():
        plot_ablation(frame, folder / ABLATION)
    table = to_markdown(frame)
    page.section("AP by row", table, ABLATION_NOTE, TIMING_NOTE)
    page.figure(folder / ABLATION, "AP of each row, and its change")
    return table


def _add_speed_accuracy(page: Page, folder: Path, records: Sequence[Record]) -> str:
    """Write and add tables and figure of a study without variants; returns the table of speed as Markdown."""
    speed, scores = speed_accuracy_table(records), accuracy_table(records)
    write_csv(speed, folder / "speed_accuracy.csv")
    write_csv(scores, folder / "accuracy.csv")
    if speed["ms"].notna().any():
        plot_speed_accuracy(speed, folder / SPEED_ACCURACY, _ap_of_figure_lines(records))
    table = to_markdown(speed)
    page.section("AP against speed", table, TIMING_NOTE)
    page.figure(folder / SPEED_ACCURACY, "AP against merge time")
    page.section("AP by class", to_markdown(scores) if len(scores) else "", SCORED_ALONE_NOTE)
    return table


def _ap_of_figure_lines(records: Sequence[Record]) -> dict[str, float]:
    """AP of each backend that is a line in the figure, by the line's label."""
    return {
        FIGURE_LINE_LABELS[record.cell.backend]: record.scores["ap"]
        for record in records
        if record.cell.backend in FIGURE_LINE_LABELS and record.scores
    }
