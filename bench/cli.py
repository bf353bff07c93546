"""The command line ``python -m bench``: all commands in one group, which prints an error as one line.

Each command imports heavy packages inside its function, so that ``--help`` stays fast.
"""

from typing import Any

import click

from bench.commands.cache import cache
from bench.commands.confusion import confusion
from bench.commands.explore import explore
from bench.commands.report import report
from bench.commands.run import run
from bench.commands.scenes import scenes
from bench.commands.score import score
from bench.commands.segment import segment
from bench.commands.steps import steps
from bench.commands.train import train
from bench.commands.tune import tune

COMMANDS = (scenes, train, tune, run, report, score, segment, steps, confusion, explore, cache)


class _OneLineErrors(click.Group):
    """A group whose commands print an expected error as one line and end with exit code 1."""

    def invoke(self, context: click.Context) -> Any:
        try:
            return super().invoke(context)
        except (
            click.exceptions.Exit,
            click.Abort,
        ):  # not errors, though subclasses of RuntimeError
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
    "--traceback", is_flag=True, help="Print the whole traceback of an error, not only one line."
)
def main(traceback: bool) -> None:
    """Segment images, train networks, and measure the accuracy (AP) and the speed of the graph merge."""
