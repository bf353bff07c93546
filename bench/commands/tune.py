"""``python -m bench tune MODEL``: choose the settings of the graph merge for a model."""

from pathlib import Path

import click

from bench import paths
from bench.options import cache_option, dataset_option, device_option, limit_option, root_option


@click.command()
@click.argument("model")
@dataset_option
@root_option
@cache_option
@device_option
@limit_option("Use only the first N images of the tuning slice.")
@click.option(
    "--by",
    type=click.Choice(["ap", "score"]),
    default="ap",
    show_default=True,
    help="What the best settings maximise: ap is AP, score is TP / (TP + FP + FN) of objects at IoU 0.5.",
)
@click.option(
    "--linkage",
    "linkages",
    metavar="NAME",
    multiple=True,
    help="A linkage to choose settings for; may be repeated.  [default: all linkages in model.toml]",
)
@click.option(
    "--row",
    type=(str, str),
    metavar="STUDY ROW",
    help="Choose the settings for this row of a study and print them. The model is not changed.",
)
def tune(
    model: str,
    dataset: str,
    root: Path | None,
    cache: Path,
    device: str,
    limit: int | None,
    by: str,
    linkages: tuple[str, ...],
    row: tuple[str, str] | None,
) -> None:
    """Choose the settings of the graph merge for MODEL, and write them to its model.toml.

    MODEL is a folder, or a name in models/trained. The settings are the thresholds and r_c, the size in
    pixels that an object must exceed. They are chosen on the tuning slice: images of the split train that the
    networks were not trained on.
    """
    from bench.runner.study_file import find_variant
    from bench.training import tune_model
    from merge_impls.argument_checks import check_linkage

    for linkage in linkages:
        check_linkage(linkage)
    folder, place = paths.model_folder(model), root or paths.default_data_folder(dataset)
    if row is None:
        tune_model.tune_model(folder, dataset, place, cache, limit, by, linkages, device)
    else:
        record = paths.RUNS / "tune" / row[0] / f"{row[1]}.json"
        variant = find_variant(*row, dataset)
        tune_model.tune_variant(variant, folder, dataset, place, cache, limit, record, device)
