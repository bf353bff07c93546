"""``python -m bench score``: the predictions of any program, scored and shown as a study's are."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bench import paths
from bench.options import FOLDER_PATH, dataset_option, limit_option, root_option, split_option

if TYPE_CHECKING:
    from bench.datasets import Dataset
    from bench.runner.scored_methods import ScoredMethod, Source


@click.command()
@click.argument("predictions", nargs=-1, required=True, type=FOLDER_PATH, metavar="DIR...")
@click.option(
    "--name", "names", multiple=True, help="A method's name, one for each DIR.  [default: DIR's]"
)
@click.option(
    "--beside", type=FOLDER_PATH, help="What a study left (runs/STUDY), or a DIR: the last column."
)
@dataset_option
@root_option
@split_option
@click.option("--out", type=FOLDER_PATH, help="Where the results go.  [default: runs/score/NAME]")
@limit_option
def score(
    predictions: tuple[Path, ...],
    names: tuple[str, ...],
    beside: Path | None,
    dataset: str,
    root: Path | None,
    split: str,
    out: Path | None,
    limit: int | None,
) -> None:
    """Score predictions of any program: DIR has them in Cityscapes' result format, NAME_pred.txt an image.

    A line of NAME_pred.txt is `MASK.png LABEL_ID SCORE`; label ids are Cityscapes', or for a folder of images
    1, 2 .. in the order of its classes. Further DIRs are compared with the first.
    """
    from bench.datasets import open_dataset
    from bench.evaluation.bootstrap import paired_interval
    from bench.report.pages.score import CONFIDENCE_LEVEL, draw_pictures, write_report
    from bench.runner.scored_methods import MethodScorer, read_methods

    folders = folders_by_method(predictions, names, beside)
    images_of = open_dataset(dataset, root or paths.data_folder(dataset))
    images = images_of.names(split)[:limit]
    sources = {
        method: _open_source(folder, images_of, images, dataset, split)
        for method, folder in folders.items()
    }
    methods = read_methods(sources, images_of, split, images)
    notes = [line for method in methods for line in _ignored_labels_note(method)]
    for line in notes:
        click.echo(line)
    scoring = MethodScorer(dataset, images_of, split, images)
    records = [scoring.record(method) for method in methods]
    first, *others = (method.evaluation for method in methods)
    changes = [paired_interval(first, other, level=CONFIDENCE_LEVEL) for other in others]
    out = out or paths.RUNS / "score" / methods[0].name
    draw_pictures(out, methods, images_of, split)
    tables = write_report(out, records, methods, changes, notes)
    click.echo(f"\n{tables}\n\nThe report: {out / 'report.md'}")


def folders_by_method(
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


def _open_source(
    folder: Path, images_of: "Dataset", names: Sequence[str], dataset: str, split: str
) -> "Source":
    """What lies in a folder: a study's instances, or predictions with the label ids of the data set.

    The label ids of data sets other than Cityscapes' are 1, 2 .. in the order of the classes.
    """
    from bench.datasets import Cityscapes
    from bench.evaluation.prediction_reader import LABEL_NAMES, PredictionFolder
    from bench.runner.study_folder import StudyFolder, is_study

    if is_study(folder):
        return StudyFolder(folder, names, dataset, split)
    classes = images_of.class_names
    known = LABEL_NAMES if isinstance(images_of, Cityscapes) else dict(enumerate(classes, start=1))
    return PredictionFolder(folder, names, classes, known)


def _ignored_labels_note(method: "ScoredMethod") -> list[str]:
    """A line if predictions of labels that are not scored were left out."""
    if not method.ignored:
        return []
    labels = ", ".join(f"{label} {count}" for label, count in sorted(method.ignored.items()))
    total = sum(method.ignored.values())
    return [
        f"{method.name}: {total} predictions of labels that are not scored are left out: {labels}"
    ]
