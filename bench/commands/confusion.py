"""``python -m bench confusion``: which classes the semantic network of a model confuses."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bench import paths
from bench.options import (
    FOLDER_PATH,
    cache_option,
    dataset_option,
    limit_option,
    model_option,
    root_option,
    split_option,
    writable_folder,
)

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from bench.datasets import Dataset
    from bench.pipeline.segment import Pipeline


@click.command()
@model_option
@dataset_option
@root_option
@split_option
@cache_option
@click.option(
    "--out",
    type=FOLDER_PATH,
    help="Folder to write the table and the figure to.  [default: runs/confusion]",
)
@limit_option("Use only the first N images of the split.")
def confusion(
    model: str,
    dataset: str,
    root: Path | None,
    split: str,
    cache: Path,
    out: Path | None,
    limit: int | None,
) -> None:
    """Print and draw the confusion matrix of the semantic network of a model, and suggest super-classes.

    A super-class is a group of classes that the network confuses with one another (section 4.2 of the paper).
    """
    from bench.cache import AffinityCache
    from bench.datasets import open_dataset
    from bench.evaluation.confusion import suggest_super_classes
    from bench.pipeline.segment import Pipeline

    out = writable_folder(out, "confusion")
    pipeline = Pipeline(paths.model_folder(model), AffinityCache(cache))
    images = open_dataset(dataset, root or paths.default_data_folder(dataset))
    classes = pipeline.model.classes
    pipeline.check_classes(images.class_names)
    total = _count_pixels_by_classes(pipeline, images, split, limit)
    table = _write_confusion_table_and_figure(out, total, ("background", *classes))
    groups = "; ".join(", ".join(group) for group in suggest_super_classes(total, classes))
    click.echo(
        f"{table}\n\nAll shares: {out / 'confusion.csv'}\n\nSuggested super-classes: {groups}\n\n"
        f"The figure: {out / 'confusion.png'}"
    )


def _count_pixels_by_classes(
    pipeline: "Pipeline", dataset: "Dataset", split: str, limit: int | None
) -> "npt.NDArray[np.int64]":
    """The number of pixels of each annotated class (rows) and predicted class (columns) in a split."""
    import numpy as np
    from tqdm import tqdm

    from bench.evaluation.confusion import count_confusion
    from bench.pipeline.resizing import resize_nearest

    classes = len(pipeline.model.classes)
    total = np.zeros((classes + 1,) * 2, dtype=np.int64)
    for name in tqdm(dataset.names(split)[:limit], desc="confusion", unit="image"):
        sample = dataset.load(split, name)
        predictor = pipeline.predictor(sample.image)
        semantic = predictor.semantic(pipeline.whole_image_view(predictor.image_size))
        found = resize_nearest(semantic.argmax(axis=0), sample.semantic.shape)
        total += count_confusion(sample.semantic, found, classes)
    return total


def _write_confusion_table_and_figure(
    out: Path, total: "npt.NDArray[np.int64]", names: Sequence[str]
) -> str:
    """Write the table and the figure of a confusion matrix to a folder. Returns the table in Markdown.

    total: (1 + C, 1 + C) numbers of pixels. names: the names of background and classes.
    """
    from bench.evaluation.confusion import confusion_shares
    from bench.report.figures.confusion import plot_confusion
    from bench.report.tables.confusion import confusion_table, most_frequent_confusions_table
    from bench.report.tables.formats import to_markdown
    from bench.report.tables.table_files import write_csv

    table = confusion_table(confusion_shares(total), names, total.sum(axis=1))
    out.mkdir(parents=True, exist_ok=True)
    write_csv(table, out / "confusion.csv")
    plot_confusion(confusion_shares(total), names, out / "confusion.png")
    return to_markdown(most_frequent_confusions_table(table))
