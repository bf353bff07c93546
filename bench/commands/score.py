"""``python -m bench score``: anybody's predictions, scored and shown as a study's are."""

from collections.abc import Sequence
from pathlib import Path

import click
import numpy as np

from bench import paths
from bench.datasets import Cityscapes, Dataset, open_dataset
from bench.evaluation.average_precision import BY_SIZE
from bench.evaluation.bootstrap import Interval, paired_interval
from bench.evaluation.prediction_reader import LABEL_NAMES, PredictionFolder
from bench.report.pictures.method_grid import MethodPanels, draw_methods
from bench.report.tables.comparison import MethodScore, comparison
from bench.report.tables.formats import to_markdown
from bench.report.tables.study import accuracy, write_csv
from bench.runner import records
from bench.runner.methods import Method, Scoring, Source, read_methods
from bench.runner.records import Record
from bench.runner.study_folder import StudyFolder, is_study
from bench.types import Instance, label_map
from merge_impls.files import atomic_write

PICTURES = 6
"""How many images the picture grid shows, evenly spread over the split."""

LEVEL = 0.95


def score(
    folders: Sequence[Path],
    names: Sequence[str],
    beside: Path | None,
    dataset: str,
    root: Path,
    split: str,
    out: Path | None,
    limit: int | None,
) -> None:
    """Score the predictions of ``folders``, and of ``beside`` last; write and print the tables.

    A folder holds predictions in Cityscapes' result format, or is one that a study left. The first is what
    the others are compared with. names: one for each of ``folders``; none: those of the folders.
    Raises ValueError or OSError of one line for what cannot be scored.
    """
    named = name_methods(folders, names, beside)
    images_of = open_dataset(dataset, root)
    images = images_of.names(split)[:limit]
    sources = {
        method: open_source(folder, images_of, images, dataset, split)
        for method, folder in named.items()
    }
    methods = read_methods(sources, images_of, split, images)
    left_out = [line for method in methods for line in _left_out(method)]
    for line in left_out:
        click.echo(line)
    scoring = Scoring(dataset, images_of, split, images)
    found = [scoring.record(method) for method in methods]
    first, *others = (method.evaluation for method in methods)
    intervals = [paired_interval(first, other, level=LEVEL) for other in others]
    out = out or paths.RUNS / "score" / methods[0].name
    draw_pictures(out / "pictures.png", methods, images_of, split)
    tables = write_report(out, found, methods, intervals, left_out)
    click.echo(f"\n{tables}\n\nThe report: {out / 'report.md'}")


def name_methods(
    folders: Sequence[Path], names: Sequence[str], beside: Path | None
) -> dict[str, Path]:
    """Folders by the names of their methods; raises ValueError unless each has one of its own."""
    if names and len(names) != len(folders):
        raise ValueError(
            f"--name: {len(names)} names for {len(folders)} folders; name each of them, or none"
        )
    given = [*zip(names or [folder.resolve().name for folder in folders], folders, strict=True)]
    if beside is not None:
        given.append((beside.resolve().name, beside))
    named: dict[str, Path] = {}
    for name, folder in given:
        if not name or name in named:
            raise ValueError(f"{folder}: {name!r} is no name of its own; name each DIR with --name")
        named[name] = folder
    return named


def open_source(
    folder: Path, images_of: Dataset, names: Sequence[str], dataset: str, split: str
) -> Source:
    """What lies in a folder: a study's instances, or predictions with the label ids of the data set.

    Of data sets other than Cityscapes' these are 1, 2 .. in the order of the classes.
    """
    if is_study(folder):
        return StudyFolder(folder, names, dataset, split)
    classes = images_of.class_names
    known = LABEL_NAMES if isinstance(images_of, Cityscapes) else dict(enumerate(classes, start=1))
    return PredictionFolder(folder, names, classes, known)


def write_report(
    out: Path,
    found: Sequence[Record],
    methods: Sequence[Method],
    intervals: Sequence[Interval],
    left_out: Sequence[str],
) -> str:
    """Write records, tables and page to ``out``; returns both tables as Markdown."""
    by_class = accuracy(found)
    compared = comparison(
        [
            MethodScore(
                method.name,
                method.evaluation.scores().ap,
                {size: scores.ap for size, scores in method.evaluation.by_size().items()},
                change and (change.difference, change.low, change.high),
            )
            for method, change in zip(methods, [None, *intervals], strict=True)
        ]
    )
    records.write(out / "records.jsonl", found)
    write_csv(by_class, out / "accuracy.csv")
    write_csv(compared, out / "comparison.csv")
    tables = to_markdown(by_class), to_markdown(compared)
    with atomic_write(out / "report.md") as partial:
        partial.write_text(_page(found, tables, methods, intervals, left_out), encoding="utf-8")
    return "\n\n".join(tables)


def draw_pictures(path: Path, methods: Sequence[Method], images_of: Dataset, split: str) -> None:
    """The grid of the image, each method's instances and the annotation (the paper's Fig. 7)."""
    names = list(methods[0].found)
    wanted = np.linspace(0, len(names) - 1, min(PICTURES, len(names))).round().astype(int)
    rows = []
    for name in (names[index] for index in wanted):
        sample = images_of.load(split, name)
        size = sample.image.shape[:2]
        maps = [label_map(_surest_last(method.found[name]), size) for method in methods]
        rows.append(MethodPanels(sample.image, maps, sample.semantic, sample.instances))
    draw_methods(rows, [method.name for method in methods], len(images_of.class_names), path)


def _surest_last(instances: Sequence[Instance]) -> list[Instance]:
    """Others' masks may overlap: the surest lies on top."""
    return sorted(instances, key=lambda instance: instance.score)


def _left_out(method: Method) -> list[str]:
    """A line if predictions of labels that are not scored were left out."""
    if not method.ignored:
        return []
    labels = ", ".join(f"{label} {count}" for label, count in sorted(method.ignored.items()))
    total = sum(method.ignored.values())
    return [
        f"{method.name}: {total} predictions of labels that are not scored are left out: {labels}"
    ]


def _page(
    found: Sequence[Record],
    tables: tuple[str, str],
    methods: Sequence[Method],
    intervals: Sequence[Interval],
    left_out: Sequence[str],
) -> str:
    cell, scores = found[0]["cell"], found[0]["scores"]
    parts = [
        f"# Scores on {cell['dataset']} {cell['split']}",
        f"{scores['num_images']} images, scored by {scores['evaluator']}.",
        *left_out,
        "## AP by class",
        tables[0],
        "## AP by size of object" + (", and what changed" if intervals else ""),
        tables[1],
        _words_of_sizes(),
        *(_words_of_change(methods[0].name, each) for each in intervals[:1]),
        "![image, what each method found, ground truth](pictures.png)",
    ]
    return "\n\n".join(parts) + "\n"


def _words_of_sizes() -> str:
    ranges = [
        f"`{name}` has {size.min_object_pixels:,} "
        + ("pixels or more" if np.isinf(size.end) else f"to {size.end - 1:,} pixels")
        for name, size in BY_SIZE.items()
    ]
    return (
        f"AP of objects of one size alone: {', '.join(ranges)}. A wrong prediction counts where its own size "
        "belongs."
    )


def _words_of_change(first: str, interval: Interval) -> str:
    return (
        f"The change is that from `{first}`. In brackets is where {LEVEL:.0%} of {interval.rounds:,} draws "
        "lie: as many images with replacement, the same ones for both methods."
    )
