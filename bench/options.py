"""Options that several commands share, and the end of a command that found failures."""

import shlex
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click
from click.core import ParameterSource

from bench import paths

Command = TypeVar("Command", bound=Callable[..., Any])

FOLDER_PATH = click.Path(file_okay=False, path_type=Path)
"""The click type of an argument or option that is the path of a folder."""

root_option = click.option(
    "--root", type=FOLDER_PATH, help="Folder of the data set.  [default: data/DATASET in the clone]"
)
cache_option = click.option(
    "--cache",
    type=FOLDER_PATH,
    default=paths.CACHE,
    help="Folder of the affinity cache.  [default: cache in the clone]",
)
model_option = click.option(
    "--model",
    default="scenes",
    show_default=True,
    help="Model: the name of a folder in models/trained, or the path of any folder.",
)
dataset_option = click.option(
    "--dataset",
    default="scenes",
    show_default=True,
    help="Format of the data set: scenes, cityscapes or folder.",
)
split_option = click.option(
    "--split", default="val", show_default=True, help="Split of the data set, such as train or val."
)
_GIVEN_MAPS = (
    click.option(
        "--semantic",
        type=FOLDER_PATH,
        help="Folder of class scores or label maps of another network, with classes.json, in place of the "
        "semantic network.",
    ),
    click.option(
        "--affinity",
        type=FOLDER_PATH,
        help="Folder of affinities of another network, with their offsets, in place of the affinity network.",
    ),
)


def given_maps_options(command: Command) -> Command:
    """The options --semantic and --affinity, which name the maps of other networks."""
    for option in reversed(_GIVEN_MAPS):
        command = option(command)
    return command


linkage_option = click.option(
    "--linkage",
    default="average",
    show_default=True,
    help="Linkage of the merge. `merge-impls contract` describes all linkages.",
)
device_option = click.option(
    "--device",
    default="cpu",
    show_default=True,
    help="Device that runs the networks: cpu, cuda or cuda:N.",
)


def writable_folder(out: Path | None, *default: str) -> Path:
    """The folder ``out``, by default the one below ``runs``. Raises OSError if it cannot be written.

    Temporary files in it that were not written to for a minute are removed, because they are of a killed run.
    """
    from merge_impls.file_writing import (  # they import numpy
        check_writable,
        remove_old_partial_files,
    )

    folder = out or paths.RUNS.joinpath(*default)
    check_writable(folder, folder=True)
    remove_old_partial_files(folder, seconds=60)
    return folder


def limit_option(help: str) -> Callable[[Command], Command]:
    """The option ``--limit N``.

    help: the help text, which says what the command limits to N.
    """
    return click.option("--limit", type=click.IntRange(1), metavar="N", help=help)


def exit_if_failures(failures: Sequence[str], code: int) -> None:
    """Print each failure on a line, and end the command with ``code``; do nothing without failures.

    code: a code of ``merge_impls.commands.exit_codes``.
    """
    for failure in failures:
        click.echo(f"Error: {failure}", err=True)
    if failures:
        click.get_current_context().exit(code)


_STUDY_CHANGES = (
    click.option(
        "--backend",
        "backends",
        multiple=True,
        metavar="NAME|[LABEL=]module:object",
        help="Measure this method too; again for more. The module may lie in the current folder. Tables name "
        "the method by LABEL.",
    ),
    click.option(
        "--set",
        "settings",
        multiple=True,
        metavar="KEY=VALUE[,VALUE...]",
        help="Change an entry of the study or of the pipeline's configuration. Several values of entries of "
        "the pipeline make a sweep over all combinations.",
    ),
    click.option(
        "--only",
        multiple=True,
        metavar="EXPR",
        help="Only methods, linkages, rows and groups of graphs whose names match: 'c,average' or 'PAR*'.",
    ),
    click.option("--skip", multiple=True, metavar="EXPR", help="Leave out what matches."),
    click.option(
        "--rounds",
        type=click.IntRange(0),
        help="Merges of each image or field. 0: each image once, without times, so that --executor may merge "
        "in workers.",
    ),
    click.option(
        "--timeout",
        type=click.FloatRange(0, min_open=True),
        metavar="SECONDS",
        help="Limit for one merge.",
    ),
    click.option(
        "--memory",
        type=click.FloatRange(0, min_open=True),
        metavar="GB",
        help="Limit for the data of each process that merges.",
    ),
    click.option(
        "--baseline",
        metavar="NAME",
        help="Divide times by those of this method, which is measured too, and twice for the noise floor.",
    ),
)


def study_change_options(command: Command) -> Command:
    """The options that change a study: the entries of ``bench.runner.study_changes.StudyChanges``."""
    for option in reversed(_STUDY_CHANGES):
        command = option(command)
    return command


def command_line(context: click.Context) -> str:
    """The command line of a call: the arguments and options that were given."""
    words = ["python", "-m", "bench", str(context.info_name)]
    for parameter in context.command.params:
        name = str(parameter.name)
        if context.get_parameter_source(name) is not ParameterSource.COMMANDLINE:
            continue
        value = context.params[name]
        values = value if isinstance(value, tuple) else (value,)
        for one in values:
            words += [] if isinstance(parameter, click.Argument) else [parameter.opts[0]]
            words += [] if one is True else [str(one)]
    return shlex.join(words)
