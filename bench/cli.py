"""``python -m bench``: the group of all commands, and errors in one line.

The modules of the commands import what is heavy in their functions, so that ``--help`` stays light.
"""

from typing import Any

import click

from bench.commands.cache import cache
from bench.commands.confusion import confusion
from bench.commands.explore import explore
from bench.commands.run import run
from bench.commands.scenes import scenes
from bench.commands.score import score
from bench.commands.segment import segment
from bench.commands.train import train
from bench.commands.tune import tune

COMMANDS = (scenes, train, tune, run, score, segment, confusion, explore, cache)


class _OneLineErrors(click.Group):
    """A group in which an error ends a command with one line and exit code 1."""

    def invoke(self, context: click.Context) -> Any:
        try:
            return super().invoke(context)
        except (click.exceptions.Exit, click.Abort):  # which are RuntimeErrors
            raise
        except (ValueError, OSError, RuntimeError) as error:
            if context.params["traceback"]:
                raise
            raise click.ClickException(" ".join(str(error).split())) from error


@click.group(
    cls=_OneLineErrors,
    commands=COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option(
    "--traceback", is_flag=True, help="Show where an error comes from, not its line alone."
)
def main(traceback: bool) -> None:
    """Study graph merges for instance segmentation: data, networks, merges, AP against speed."""
