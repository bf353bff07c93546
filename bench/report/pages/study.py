"""What a study leaves to be read: tables, a plot and a picture grid, from what the runner found."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bench.datasets import Dataset
from bench.pipeline.prediction import Prediction
from bench.report.figures.speed_accuracy import plot_speed_accuracy
from bench.report.machine import machine_words
from bench.report.pages.study_failures import draw_gallery
from bench.report.pictures.segmentation_grid import ImagePanels, draw_grid
from bench.report.run_summary import faults
from bench.report.tables.ablation import ablation, plot_ablation
from bench.report.tables.formats import to_markdown
from bench.report.tables.study import accuracy, speed_accuracy, write_csv
from bench.runner import records
from bench.runner.results import StudyResult
from bench.runner.study import Study
from bench.types import Instance, Sample, label_map
from merge_impls.files import atomic_write

if TYPE_CHECKING:
    from bench.pipeline.segment import Pipeline

PLOT, ROWS, GRID = "speed_accuracy.png", "ablation.png", "pictures.png"
FAILURES = "failures.png"
"""The figures of a report; one that there is nothing to draw in is left out."""

LEVELS = {"components": "connected components of the semantic map"}
"""Baselines drawn as lines in the plot, with the words beside them."""

TIMING = (
    "Time is that of `merge(problem)` in a process of its own on one core, median and quartiles over the "
    "images: a checked problem in memory (uint16 affinities and mask) in; labels, sizes, confidences and "
    "history out. A backend has a time only where all its results in this run are identical, to the bit, to "
    "those named beside it."
)


BASELINES = (
    "`components`: connected components of the network's own semantic map, larger than the same r_c as "
    "the objects of linkage average; `truth components`: of the annotated map; `truth affinities`: "
    "annotated affinities with the network's classes, `truth semantics`: the reverse, `truth`: "
    "both annotated, through the same pipeline; `mutex watershed`: bioimage-cpp's, on the same "
    "affinities as ours. `score at 0.5` and the like: TP / (TP + FP + FN) at that overlap, the mean of "
    "images."
)


WORST = "the worst of what was missed, joined and split, with the affinities that decided"

PAPER = (
    "`paper`: the paper's AP of this row, on Cityscapes val with its own networks: for the direction, not "
    "to be reached here. Change: of AP against another row of the same linkage, with the paired bootstrap "
    "interval over images (95%, 1000 draws). Vertices, edges and regions: means of an image, all its graphs "
    "together; time likewise."
)


def write_report(
    folder: Path, study: Study, found: StudyResult, pipeline: "Pipeline", dataset: Dataset
) -> str:
    """Write records, tables and pictures to ``folder``; returns the main table as Markdown."""
    folder.mkdir(parents=True, exist_ok=True)
    records.write(folder / "records.jsonl", found.records)
    for figure in (PLOT, ROWS, GRID, FAILURES):
        (folder / figure).unlink(missing_ok=True)  # an earlier run's is not this one's
    if study.pictures:
        draw_pictures(folder, study, found, pipeline, dataset)
    if study.variants:
        return _report_rows(folder, study, found)
    speed, scores = speed_accuracy(found.records), accuracy(found.records)
    write_csv(speed, folder / "speed_accuracy.csv")
    write_csv(scores, folder / "accuracy.csv")
    if speed["ms"].notna().any():
        levels = {
            LEVELS[record["cell"]["backend"]]: record["scores"]["ap"]
            for record in found.records
            if record["cell"]["backend"] in LEVELS and record["scores"]
        }
        plot_speed_accuracy(speed, folder / PLOT, levels)
    table = to_markdown(speed)
    with atomic_write(folder / "report.md") as partial:
        by_class = to_markdown(scores) if len(scores) else ""
        partial.write_text(_page(folder, study, found, table, by_class))
    return table


def _report_rows(folder: Path, study: Study, found: StudyResult) -> str:
    """The report of a study with rows; returns its table as Markdown."""
    frame = ablation(found.records)
    write_csv(frame, folder / "ablation.csv")
    if frame["AP"].notna().any():
        plot_ablation(frame, folder / ROWS)
    table = to_markdown(frame)
    wrong = "\n".join(f"- {line}" for line in faults(found.records))
    parts = [
        *_beginning(study, found),
        *(["## What went wrong", wrong] if wrong else []),
        "## AP by row",
        table,
        PAPER,
        TIMING,
        *_figure(folder / ROWS, "AP of each row, and its change"),
        *_figure(
            folder / GRID, "image, semantic, affinities, instances, ground truth: the last row"
        ),
        *_figure(folder / FAILURES, WORST),
    ]
    with atomic_write(folder / "report.md") as partial:
        partial.write_text("\n\n".join(parts) + "\n")
    return table


def draw_pictures(
    folder: Path, study: Study, found: StudyResult, pipeline: "Pipeline", dataset: Dataset
) -> None:
    """The grid of ``study.pictures`` images, evenly spread over the split, and the worst failures of all.

    Both are of the first linkage, of a study with rows of its last one.
    """
    variants = [each for each in found.image_results if each.linkage == study.linkages[0]]
    variant = [each for each in variants if not each.third_party][-1]
    results, own = found.image_results[variant], pipeline.with_strategy(variant.strategy)
    wanted = np.linspace(0, len(results) - 1, min(study.pictures, len(results))).round().astype(int)
    rows = []
    for result in (results[index] for index in wanted):
        sample = dataset.load(study.split, result.image)
        prediction = own.at_original_size(own.predict(sample.image))
        rows.append(picture_row(sample, prediction, result.instances))
    draw_grid(rows, dataset.colours, folder / GRID)
    draw_gallery(folder / FAILURES, results, own, dataset, study.split, count=2)


def picture_row(
    sample: Sample, prediction: Prediction, instances: Sequence[Instance]
) -> ImagePanels:
    """One row of the picture grid: what was seen, what was found, and what is true."""
    semantic = prediction.semantic.argmax(axis=0)
    return ImagePanels(
        image=sample.image,
        semantic=semantic.astype(np.uint8),
        # The two straight neighbours at distance 1, which draw the outlines.
        affinities=prediction.affinity[[0, 2]].min(axis=0),
        instances=label_map(instances, semantic.shape),
        truth_semantic=sample.semantic,
        truth_instances=sample.instances,
    )


def _beginning(study: Study, found: StudyResult) -> list[str]:
    cell = found.records[0]["cell"]
    images = max(len(results) for results in found.image_results.values())
    return [
        f"# Study {study.name}",
        f"{images} images of {cell['dataset']} {cell['split']}, model {cell['model']}, "
        f"measured on: {machine_words(found.records)}.",
    ]


def _page(folder: Path, study: Study, found: StudyResult, speed: str, scores: str) -> str:
    wrong = "\n".join(f"- {line}" for line in faults(found.records))
    parts = [
        *_beginning(study, found),
        *(["## What went wrong", wrong] if wrong else []),
        "## AP against speed",
        speed,
        TIMING,
        *_figure(folder / PLOT, "AP against merge time"),
        "## AP by class",
        scores,
        BASELINES,
        *_figure(folder / GRID, "image, semantic, affinities, instances, ground truth"),
        *_figure(folder / FAILURES, WORST),
    ]
    return "\n\n".join(parts) + "\n"


def _figure(path: Path, words: str) -> list[str]:
    return [f"![{words}]({path.name})"] if path.exists() else []
