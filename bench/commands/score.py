"""``python -m bench score``: compute AP of predictions that any program wrote."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bench import paths
from bench.options import (
    FOLDER_PATH,
    dataset_option,
    limit_option,
    root_option,
    split_option,
    writable_folder,
)

if TYPE_CHECKING:
    from bench.datasets import Dataset
    from bench.runner.scored_predictions import ScoredMethod, Source


@click.command()
@click.argument("predictions", nargs=-1, required=True, type=FOLDER_PATH, metavar="DIR...")
@click.option(
    "--name",
    "names",
    multiple=True,
    help="Name of a method in the report. Repeat it for each DIR.  [default: the name of DIR]",
)
@click.option(
    "--beside",
    type=FOLDER_PATH,
    help="The last method to compare: the folder of a study (runs/STUDY), or one more DIR.",
)
@dataset_option
@root_option
@split_option
@click.option(
    "--out", type=FOLDER_PATH, help="Folder to write the report to.  [default: runs/score/NAME]"
)
@limit_option("Score only the first N images of the split.")
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
    """Compute AP of the predictions in each DIR. Every further DIR is compared with the first one.

    Predictions are in the result format of Cityscapes: for each image there is a file NAME_pred.txt, which
    has a line `MASK.png LABEL_ID CONFIDENCE` for each prediction. Label ids are those of Cityscapes; for data
    of the format `folder` they are 1, 2, ... in the order of the classes.
    """
    from bench.datasets import open_dataset
    from bench.evaluation.bootstrap import paired_bootstrap
    from bench.report.pages.score import CONFIDENCE_LEVEL, draw_method_pictures, write_score_report
    from bench.runner.scored_predictions import MethodScorer, read_scored_methods

    folders = folders_by_method(predictions, names, beside)
    out = writable_folder(out, "score", next(iter(folders)))
    images_of = open_dataset(dataset, root or paths.default_data_folder(dataset))
    images = images_of.names(split)[:limit]
    sources = {
        method: _open_study_or_predictions_folder(folder, images_of, images, dataset, split)
        for method, folder in folders.items()
    }
    methods = read_scored_methods(sources, images_of, split, images)
    notes = [line for method in methods for line in _notes_on_left_out_predictions(method)]
    click.echo("".join(f"{line}\n" for line in notes), nl=False)
    scoring = MethodScorer(dataset, images_of, split, images)
    records = [scoring.record(method) for method in methods]
    first, *others = (method.evaluation for method in methods)
    changes = [paired_bootstrap(first, other, level=CONFIDENCE_LEVEL) for other in others]
    draw_method_pictures(out, methods, images_of, split)
    tables = write_score_report(out, records, methods, changes, notes)
    click.echo(f"\n{tables}\n\nThe report: {out / 'report.md'}")


def folders_by_method(
    folders: Sequence[Path], names: Sequence[str], beside: Path | None
) -> dict[str, Path]:
    """The folder of each method, by the name of the method. Raises ValueError for an empty or repeated name.

    names: a name for each of ``folders``; if empty, their own names are used. beside: the last folder.
    """
    given = [*zip(_given_or_folder_names(folders, names), folders, strict=True)]
    if beside is not None:
        given.append((beside.resolve().name, beside))
    named: dict[str, Path] = {}
    for name, folder in given:
        if not name or name in named:
            raise ValueError(
                f"{folder}: the name {name!r} is empty or taken; give each DIR its own --name"
            )
        named[name] = folder
    return named


def _given_or_folder_names(folders: Sequence[Path], names: Sequence[str]) -> Sequence[str]:
    """``names``, or the names of ``folders`` if ``names`` is empty. Raises ValueError for too few or many."""
    if names and len(names) != len(folders):
        raise ValueError(
            f"--name: {len(names)} names for {len(folders)} folders; give a name for each folder, or none"
        )
    return names or [folder.resolve().name for folder in folders]


def _open_study_or_predictions_folder(
    folder: Path, images_of: "Dataset", names: Sequence[str], dataset: str, split: str
) -> "Source":
    """Open the folder of a study, or a folder of predictions."""
    from bench.evaluation.prediction_reader import PredictionReader
    from bench.runner.study_folder import StudyFolderReader, is_study_folder

    if is_study_folder(folder):
        return StudyFolderReader(folder, names, dataset, split)
    return PredictionReader(folder, names, images_of.class_names, images_of.label_names)


def _notes_on_left_out_predictions(method: "ScoredMethod") -> list[str]:
    """A line for the predictions of labels that are not scored, and one for those without pixels, if any."""
    notes = []
    if method.ignored:
        labels = ", ".join(f"{label} {count}" for label, count in sorted(method.ignored.items()))
        total = sum(method.ignored.values())
        notes.append(f"{total} predictions of labels that are not scored are left out: {labels}")
    if method.empty_masks:
        notes.append(
            f"{len(method.empty_masks)} predictions whose masks have no pixel are left out (the first: "
            f"{method.empty_masks[0]}); delete these lines, or write the masks again"
        )
    return [f"{method.name}: {note}" for note in notes]
