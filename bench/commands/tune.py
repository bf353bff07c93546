"""``python -m bench tune MODEL``: thresholds and r_c, chosen on the tuning slice."""

from pathlib import Path

import click

from bench import paths
from bench.options import cache_option, dataset_option, limit_option, root_option


@click.command()
@click.argument("model")
@dataset_option
@root_option
@cache_option
@limit_option
@click.option(
    "--by",
    type=click.Choice(["ap", "score"]),
    default="ap",
    show_default=True,
    help="What to make large: AP, or TP / (TP + FP + FN) at overlap 0.5.",
)
@click.option(
    "--row",
    type=(str, str),
    metavar="STUDY ROW",
    help="Choose for a row of a study instead, print its numbers, and leave the model as it is.",
)
def tune(
    model: str,
    dataset: str,
    root: Path | None,
    cache: Path,
    limit: int | None,
    by: str,
    row: tuple[str, str] | None,
) -> None:
    """Choose thresholds and r_c of MODEL, a folder or a name in models/trained, on the tuning slice."""
    from bench.runner.study_file import find_variant
    from bench.training import tune_model

    folder, place = paths.model_folder(model), root or paths.data_folder(dataset)
    if row is None:
        tune_model.tune(folder, dataset, place, cache, limit, by)
        return
    record = paths.RUNS / "tune" / row[0] / f"{row[1]}.json"
    tune_model.tune_variant(find_variant(*row), folder, dataset, place, cache, limit, record)
