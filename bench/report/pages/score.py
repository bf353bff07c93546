"""The report of ``python -m bench score``: its tables and pictures, and the page that shows them."""

from collections.abc import Sequence
from pathlib import Path

from bench.datasets import Dataset
from bench.evaluation.bootstrap import ConfidenceInterval
from bench.report.pages.notes import accuracy_notes, notes_on_few_images, object_sizes_note
from bench.report.pages.page import Page
from bench.report.pages.study_pictures import evenly_spread_items
from bench.report.pictures.method_grid import MethodGridRow, draw_method_grid
from bench.report.tables.ap_by_class import ap_by_class_table
from bench.report.tables.ap_by_object_size import MethodApBySize, ap_by_object_size_table
from bench.report.tables.formats import to_markdown
from bench.report.tables.image_study import accuracy_table
from bench.report.tables.table_files import write_tables
from bench.runner import records
from bench.runner.record import Record
from bench.runner.scored_predictions import ScoredMethod
from bench.types import Instance, label_map
from merge_impls.text_formats import pluralized

PICTURES_FILE = "pictures.png"
SHOWN_IMAGES = 6
"""The number of images in the picture grid."""

CONFIDENCE_LEVEL = 0.95
"""The confidence level of the bootstrap intervals."""


def write_score_report(
    folder: Path,
    found: Sequence[Record],
    methods: Sequence[ScoredMethod],
    changes: Sequence[ConfidenceInterval],
    notes: Sequence[str],
) -> str:
    """Write records, tables and page to ``folder``. Returns the tables in Markdown.

    found: a record for each of ``methods``.
    changes: for each method but the first, the change of AP from the first method.
    notes: paragraphs for the page, such as predictions that were left out.
    """
    scores = accuracy_table(found)
    by_size = ap_by_object_size_table(
        [_method_ap_by_size(*each) for each in zip(methods, [None, *changes], strict=True)]
    )
    records.write(folder / "records.jsonl", found)
    write_tables(folder, {"accuracy": scores, "comparison": by_size})
    page, size_notes = _start_page(found[0], notes), [object_sizes_note()]
    if changes:
        size_notes.append(_change_column_legend(methods[0].name, changes[0]))
        size_notes += notes_on_few_images(by_size)
    tables = [page.add_table("AP by method", "accuracy", scores, accuracy_notes(scores))]
    tables.append(to_markdown(ap_by_class_table(found)))
    page.add_section("AP by class", tables[-1])
    tables.append(page.add_table("AP by size of object", "comparison", by_size, size_notes))
    page.add_figure(folder / PICTURES_FILE, "image, what each method found, ground truth")
    page.write(folder / "report.md")
    return "\n\n".join(tables)


def _start_page(record: Record, notes: Sequence[str]) -> Page:
    """A page that has only its first paragraphs: which images were scored, and by which evaluator.

    record: the record of any of the methods. All methods have the same images.
    """
    cell, scores = record.cell, record.scores or {}
    page = Page(f"Scores on {cell.dataset} {cell.split}")
    page.add_paragraphs(
        f"{pluralized(scores['num_images'], 'image')}, scored by {scores['evaluator']}.", *notes
    )
    return page


def _method_ap_by_size(method: ScoredMethod, change: ConfidenceInterval | None) -> MethodApBySize:
    return MethodApBySize(
        method.name,
        method.evaluation.ap_scores().ap,
        {size: scores.ap for size, scores in method.evaluation.ap_scores_by_size().items()},
        len(method.found),
        None if change is None else (change.difference, change.low, change.high),
    )


def draw_method_pictures(
    folder: Path, methods: Sequence[ScoredMethod], dataset: Dataset, split: str
) -> None:
    """Draw some images of the split, with the instances of each method and the annotation.

    The images are evenly spread over the split. The picture is like Fig. 7 in the paper.
    """
    names = list(methods[0].found)
    rows = []
    for name in evenly_spread_items(names, SHOWN_IMAGES):
        sample = dataset.load(split, name)
        size = sample.image.shape[:2]
        maps = [
            label_map(_sort_by_rising_confidence(method.found[name]), size) for method in methods
        ]
        rows.append(MethodGridRow(sample.image, maps, sample.semantic, sample.instances))
    names = [method.name for method in methods]
    draw_method_grid(rows, names, len(dataset.class_names), folder / PICTURES_FILE)


def _sort_by_rising_confidence(instances: Sequence[Instance]) -> list[Instance]:
    """Sort instances so that the one with the highest confidence is painted last, over all others."""
    return sorted(instances, key=lambda instance: instance.confidence)


def _change_column_legend(first: str, interval: ConfidenceInterval) -> str:
    """A text that explains the change of AP from the method ``first``, and the range in brackets."""
    return (
        f"The change is AP of the method minus AP of `{first}`. In brackets: the range that holds "
        f"{CONFIDENCE_LEVEL:.0%} of the changes when the images are drawn again {interval.rounds:,} times, "
        "with replacement, the same draws for both methods."
    )
