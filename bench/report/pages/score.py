"""The report of `score`: methods on the same images, with tables, pictures and the page that shows them."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from bench.datasets import Dataset
from bench.evaluation.average_precision import SIZE_RANGES
from bench.evaluation.bootstrap import Interval
from bench.report.pages.notes import accuracy_notes
from bench.report.pages.page import Page
from bench.report.pages.study_pictures import evenly_spread
from bench.report.pictures.method_grid import MethodPanels, draw_method_grid
from bench.report.tables.ap_by_class import ap_by_class_table
from bench.report.tables.ap_by_object_size import MethodAp, ap_by_object_size
from bench.report.tables.formats import to_markdown, write_csv
from bench.report.tables.image_study import accuracy_table
from bench.runner import records
from bench.runner.record import Record
from bench.runner.scored_predictions import ScoredMethod
from bench.types import Instance, label_map

PICTURES_FILE = "pictures.png"
SHOWN_IMAGES = 6
"""How many images the picture grid shows, evenly spread over the split."""

CONFIDENCE_LEVEL = 0.95
"""Of the bootstrap intervals."""


def write_report(
    folder: Path,
    found: Sequence[Record],
    methods: Sequence[ScoredMethod],
    changes: Sequence[Interval],
    notes: Sequence[str],
) -> str:
    """Write records, tables and page to ``folder``; returns its tables as Markdown.

    found: a record for each of ``methods``. changes: of AP, of every method but the first against the first.
    notes: paragraphs for the page, such as what was left out.
    """
    scores = accuracy_table(found)
    by_size = ap_by_object_size(
        [_method_ap(*each) for each in zip(methods, [None, *changes], strict=True)]
    )
    records.write(folder / "records.jsonl", found)
    write_csv(scores, folder / "accuracy.csv")
    write_csv(by_size, folder / "comparison.csv")
    page, size_notes = _describe_scoring(found[0], notes), [_sizes_note()]
    if changes:
        size_notes.append(_changes_note(methods[0].name, changes[0]))
    tables = [page.table("AP by method", "accuracy", scores, accuracy_notes(scores))]
    tables.append(to_markdown(ap_by_class_table(found)))
    page.section("AP by class", tables[-1])
    tables.append(page.table("AP by size of object", "comparison", by_size, size_notes))
    page.figure(folder / PICTURES_FILE, "image, what each method found, ground truth")
    page.write(folder / "report.md")
    return "\n\n".join(tables)


def _describe_scoring(record: Record, notes: Sequence[str]) -> Page:
    """The head of the page; record: of any method, as all have the same images."""
    cell, scores = record.cell, record.scores or {}
    page = Page(f"Scores on {cell.dataset} {cell.split}")
    page.add(f"{scores['num_images']} images, scored by {scores['evaluator']}.", *notes)
    return page


def _method_ap(method: ScoredMethod, change: Interval | None) -> MethodAp:
    return MethodAp(
        method.name,
        method.evaluation.ap_scores().ap,
        {size: scores.ap for size, scores in method.evaluation.ap_scores_by_size().items()},
        None if change is None else (change.difference, change.low, change.high),
    )


def draw_pictures(
    folder: Path, methods: Sequence[ScoredMethod], dataset: Dataset, split: str
) -> None:
    """Draw the grid of the image, each method's instances and the annotation (the paper's Fig. 7)."""
    names = list(methods[0].found)
    rows = []
    for name in evenly_spread(names, SHOWN_IMAGES):
        sample = dataset.load(split, name)
        size = sample.image.shape[:2]
        maps = [label_map(_by_rising_confidence(method.found[name]), size) for method in methods]
        rows.append(MethodPanels(sample.image, maps, sample.semantic, sample.instances))
    names = [method.name for method in methods]
    draw_method_grid(rows, names, len(dataset.class_names), folder / PICTURES_FILE)


def _by_rising_confidence(instances: Sequence[Instance]) -> list[Instance]:
    """Masks of other programs may overlap: the one with the highest score lies on top."""
    return sorted(instances, key=lambda instance: instance.confidence)


def _sizes_note() -> str:
    ranges = [
        f"`{name}` has {size.least_object_pixels:,} "
        + ("pixels or more" if np.isinf(size.end) else f"to {size.end - 1:,} pixels")
        for name, size in SIZE_RANGES.items()
    ]
    return (
        f"AP of objects of one size alone: {', '.join(ranges)}. A wrong prediction counts where its own size "
        "belongs."
    )


def _changes_note(first: str, interval: Interval) -> str:
    return (
        f"The change is that from `{first}`. In brackets is where {CONFIDENCE_LEVEL:.0%} of "
        f"{interval.rounds:,} draws lie: as many images with replacement, the same ones for both methods."
    )
