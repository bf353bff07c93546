"""``python -m bench steps PICTURE``: draw the steps of the method on a picture."""

from pathlib import Path

import click

from bench import paths
from bench.commands.segment import ADVICE_FOR_UNREADABLE_PICTURE
from bench.options import FOLDER_PATH, cache_option, device_option, model_option


@click.command()
@click.argument("picture", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@model_option
@device_option
@cache_option
@click.option(
    "--out",
    type=FOLDER_PATH,
    help="Folder to write pictures to; those of an earlier run are replaced.  [default: runs/steps/NAME]",
)
def steps(picture: Path, model: str, device: str, cache: Path, out: Path | None) -> None:
    """Draw the steps of the method on PICTURE, and the main steps side by side in method.png.

    The steps are the classes, the affinities as predicted and as refined, the regions, the segments after
    each stage of the merge, and the objects. Not drawn are enlarged regions (section 4.3 of the paper) and
    windows that are merged first (section 4.4).
    """
    from bench.cache import AffinityCache
    from bench.picture_files.picture_reading import read_rgb
    from bench.pipeline.segment import Pipeline
    from bench.report.pictures.method_steps import draw_method_steps

    pipeline = Pipeline(paths.model_folder(model), AffinityCache(cache), device=device)
    image = read_rgb(picture, ADVICE_FOR_UNREADABLE_PICTURE)
    files = draw_method_steps(out or paths.RUNS / "steps" / picture.stem, image, pipeline)
    click.echo(f"{len(files)} pictures; all in one: {files[0]}")
