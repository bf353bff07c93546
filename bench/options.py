"""What commands share: options, and how failures end one with exit code 3."""

import sys
from pathlib import Path

import click

from bench import paths

EXIT_CODE_FAILURES = 3
"""Of a command that ran to its end and found failures: a backend that is wrong, fails or is missing, a
picture that cannot be read, a damaged cache entry, scenes whose pixels are not those of the version."""

FOLDER_PATH = click.Path(file_okay=False, path_type=Path)
"""The type of options that name a folder."""

root_option = click.option(
    "--root", type=FOLDER_PATH, help="Where the data set lies.  [default: data/NAME in the clone]"
)
cache_option = click.option(
    "--cache", type=FOLDER_PATH, default=paths.CACHE, help="The affinity cache.  [default: cache]"
)
model_option = click.option(
    "--model", default="scenes", show_default=True, help="A name in models/trained, or a folder."
)
dataset_option = click.option(
    "--dataset",
    default="scenes",
    show_default=True,
    help="How the data lies: scenes, cityscapes or folder.",
)
split_option = click.option("--split", default="val", show_default=True)
device_option = click.option(
    "--device",
    default="cpu",
    show_default=True,
    help="Where the networks run: cpu, cuda or cuda:N.",
)
limit_option = click.option(
    "--limit",
    type=click.IntRange(1),
    help="Take only so many images of the split; of a study of fields, so many of its smallest sizes.",
)


def exit_with_failures(failures: list[str]) -> None:
    """Print a line for each failure and end with exit code 3; do nothing if there are none."""
    for failure in failures:
        click.echo(f"Error: {failure}", err=True)
    if failures:
        sys.exit(EXIT_CODE_FAILURES)
