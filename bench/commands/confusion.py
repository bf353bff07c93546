"""``python -m bench confusion``: a semantic network's mistakes over a data set."""

from pathlib import Path

import click
import numpy as np
from tqdm import tqdm

from bench.cache import AffinityCache
from bench.datasets import open_dataset
from bench.evaluation.confusion import count_confusion, shares, suggest_super_classes
from bench.pipeline.resizing import resize_nearest
from bench.pipeline.segment import Pipeline
from bench.report.figures.confusion import confusion_table, plot_confusion
from bench.report.tables.formats import to_markdown
from bench.report.tables.study import write_csv


def confusion(
    model: Path, dataset: str, root: Path, split: str, cache: Path, out: Path, limit: int | None
) -> None:
    """Write confusion.csv and confusion.png to ``out``; print table and suggested super-classes.

    Raises ValueError if model and data set have other classes.
    """
    pipeline, images = Pipeline(model, AffinityCache(cache)), open_dataset(dataset, root)
    classes = pipeline.config.classes
    pipeline.check_classes(images.class_names)
    total = np.zeros((len(classes) + 1,) * 2, dtype=np.int64)
    for name in tqdm(images.names(split)[:limit], desc="confusion", unit="image"):
        sample = images.load(split, name)
        found = resize_nearest(pipeline.classes(sample.image).argmax(axis=0), sample.semantic.shape)
        total += count_confusion(sample.semantic, found, len(classes))
    names = ("background", *classes)
    table = confusion_table(shares(total), names, total.sum(axis=1))
    out.mkdir(parents=True, exist_ok=True)
    write_csv(table, out / "confusion.csv")
    plot_confusion(shares(total), names, out / "confusion.png")
    groups = "; ".join(", ".join(group) for group in suggest_super_classes(total, classes))
    click.echo(f"{to_markdown(table)}\n\nSuggested super-classes: {groups}\n\nThe picture: {out}")
