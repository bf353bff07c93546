"""Pictures of one's own, and what the networks say."""

from pathlib import Path

import click

from bench import paths
from bench.cli.common import (
    cache_option,
    dataset_option,
    device_option,
    folder,
    limit_option,
    main,
    model_option,
    one_line_errors,
    root_option,
    split_option,
    tell,
)


@main.command()
@click.argument("pictures", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@model_option
@click.option(
    "--linkage", type=click.Choice(["average", "weighted"]), default="average", show_default=True
)
@click.option(
    "--flip", is_flag=True, help="Ask about mirrored pictures, too: better, twice as long."
)
@click.option(
    "--output-stride",
    type=int,
    help="Pixels between the networks' answers: 4, 8, 16 or 32.  [default: the model's]",
)
@device_option
@cache_option
@click.option("--out", type=folder, help="Where results go.  [default: runs/segment]")
@one_line_errors
def segment(
    pictures: tuple[Path, ...],
    model: str,
    linkage: str,
    flip: bool,
    output_stride: int | None,
    device: str,
    cache: Path,
    out: Path | None,
) -> None:
    """Find instances in PICTURES, files or folders of them: ids, an overlay and a JSON of each.

    Exit code 0: all is well; 3: some pictures were skipped, and are named.
    """
    from bench.commands.segment import segment as run

    out = out or paths.RUNS / "segment"
    folder = paths.model_folder(model)
    tell(run(pictures, folder, cache, out, linkage, flip, output_stride, device))


@main.command()
@model_option
@dataset_option
@root_option
@split_option
@cache_option
@click.option("--out", type=folder, help="Where the results go.  [default: runs/confusion]")
@limit_option
@one_line_errors
def confusion(
    model: str,
    dataset: str,
    root: Path | None,
    split: str,
    cache: Path,
    out: Path | None,
    limit: int | None,
) -> None:
    """Count which classes a semantic network takes for which, and suggest super-classes."""
    from bench.commands.confusion import confusion as run

    place, out = root or paths.data_folder(dataset), out or paths.RUNS / "confusion"
    run(paths.model_folder(model), dataset, place, split, cache, out, limit)


@main.command()
@click.argument("name")
@click.option(
    "--pixel",
    type=(int, int),
    metavar="ROW COLUMN",
    help="Which pixel.  [default: the middle of the largest instance]",
)
@model_option
@dataset_option
@root_option
@split_option
@cache_option
@click.option("--out", type=folder, help="Where the picture goes.  [default: runs/explore]")
@one_line_errors
def explore(
    name: str,
    pixel: tuple[int, int] | None,
    model: str,
    dataset: str,
    root: Path | None,
    split: str,
    cache: Path,
    out: Path | None,
) -> None:
    """Draw the affinities of one pixel of the image NAME: 56 neighbours, label beside prediction."""
    from bench.commands.explore import explore as run

    place, out = root or paths.data_folder(dataset), out or paths.RUNS / "explore"
    run(name, pixel, paths.model_folder(model), dataset, place, split, cache, out)
