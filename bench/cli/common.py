"""What the commands share: the group, options, and how errors and faults are told."""

import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import click

from bench import paths

FAULTY = 3
"""Exit code of what ran to its end and found fault: a backend wrong, failing or missing, a picture that
cannot be read, a damaged cache entry, scenes with other pixels than the version's."""

folder = click.Path(file_okay=False, path_type=Path)
root_option = click.option(
    "--root", type=folder, help="Where the data set lies.  [default: data/NAME in the clone]"
)
cache_option = click.option(
    "--cache", type=folder, default=paths.CACHE, help="The affinity cache.  [default: cache]"
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


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option(
    "--traceback", is_flag=True, help="Show where an error comes from, not its line alone."
)
@click.pass_context
def main(context: click.Context, traceback: bool) -> None:
    """Study graph merges for instance segmentation: data, networks, merges, AP against speed."""
    context.obj = traceback


def one_line_errors(command: Callable[..., None]) -> Callable[..., None]:
    """An error is one line and exit code 1, unless ``--traceback`` asks for all of it."""

    @wraps(command)
    def guarded(*args: Any, **kwargs: Any) -> None:
        try:
            command(*args, **kwargs)
        except (ValueError, OSError, RuntimeError) as error:
            if click.get_current_context().find_root().obj:
                raise
            raise click.ClickException(" ".join(str(error).split())) from error

    return guarded


def tell(faults: list[str]) -> None:
    """A line for each fault, and exit code 3 if there is one."""
    for fault in faults:
        click.echo(f"Error: {fault}", err=True)
    if faults:
        sys.exit(FAULTY)
