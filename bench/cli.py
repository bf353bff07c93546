"""The command line ``python -m bench``: all commands in one group, which prints an error as one line.

Each command imports heavy packages inside its function, so that ``--help`` stays fast.
"""

import sys
import traceback
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import click

from bench.commands.cache import cache
from bench.commands.compare import compare
from bench.commands.confusion import confusion
from bench.commands.explain import explain
from bench.commands.explore import explore
from bench.commands.export import export
from bench.commands.patches import patches
from bench.commands.report import report
from bench.commands.run import run
from bench.commands.scenes import scenes
from bench.commands.score import score
from bench.commands.segment import segment
from bench.commands.steps import steps
from bench.commands.table1 import table1
from bench.commands.train import train
from bench.commands.tune import tune

PROGRAM = "python -m bench"

COMMANDS = (
    scenes,
    patches,
    train,
    tune,
    run,
    report,
    table1,
    compare,
    score,
    export,
    segment,
    steps,
    explain,
    confusion,
    explore,
    cache,
)


class _OneLineError(click.ClickException):
    """An expected error, which is printed as one line; ``code`` is the exit code."""

    def __init__(self, error: Exception) -> None:
        from merge_impls.argument_checks import one_line_error_message  # it imports numpy

        super().__init__(one_line_error_message(error))
        self.code = exit_code_of_error(error)


class _OutputClosed(Exception):
    """The reader of the output has closed it. Click would give BrokenPipeError the exit code 1."""


class _CommandGroup(click.Group):
    """A group whose commands print an expected error as one line, with the exit codes of ``merge-impls``."""

    def main(self, *arguments: Any, standalone_mode: bool = True, **options: Any) -> Any:
        """Run a command line, by default that of the process, and end with its exit code.

        The arguments are those of click. An unexpected exception is printed in the process, and raised if
        a command line is given.
        """
        run = partial(super().main, *arguments, standalone_mode=False, **options)
        if not standalone_mode:
            return run()
        try:
            code = _run_and_flush(run)
        except Exception as error:
            code = _exit_code_of_exception(
                error, of_process=not arguments and "args" not in options
            )
        sys.exit(code)

    def make_context(self, *arguments: Any, **options: Any) -> click.Context:
        with _renamed_broken_pipe():  # --help prints here
            return super().make_context(*arguments, **options)

    def invoke(self, context: click.Context) -> Any:
        try:
            with _renamed_broken_pipe(), warnings.catch_warnings():
                setattr(warnings, "showwarning", _print_warning)  # noqa: B010
                return super().invoke(context)
        except (click.exceptions.Exit, click.Abort):  # subclasses of RuntimeError, but not errors
            raise
        except (ValueError, OSError, RuntimeError, MemoryError, ImportError) as error:
            if context.params["traceback"]:
                traceback.print_exception(error)
            raise _OneLineError(error) from error


def _run_and_flush(run: Callable[[], int | None]) -> int:
    """Run a command, print its expected error, and flush stdout; return the exit code."""
    if sys.stdout is None:  # the process was started with a closed stdout
        from merge_impls.commands.exit_codes import open_missing_output  # it imports numpy

        open_missing_output()
    try:
        code = run() or 0
    except _OneLineError as error:
        error.show()
        code = error.code
    except click.ClickException as error:
        error.show()
        code = exit_code_of_error(error)
    with _renamed_broken_pipe():
        sys.stdout.flush()
    return code


def exit_code_of_error(error: Exception) -> int:
    """The exit code of an expected error."""
    from merge_impls.backend import BackendUnavailable
    from merge_impls.commands.exit_codes import CRASHED, UNAVAILABLE, USAGE

    if isinstance(error, (ImportError, BackendUnavailable)):
        return UNAVAILABLE
    if isinstance(error, (RuntimeError, MemoryError)):
        return CRASHED
    return USAGE


@contextmanager
def _renamed_broken_pipe() -> Iterator[None]:
    """Raise ``_OutputClosed`` in place of BrokenPipeError."""
    try:
        yield
    except BrokenPipeError as error:
        raise _OutputClosed from error


def _exit_code_of_exception(error: Exception, of_process: bool) -> int:
    from merge_impls.commands.exit_codes import exit_code_of_exception  # it imports numpy

    if isinstance(error, click.Abort):
        return exit_code_of_exception(PROGRAM, KeyboardInterrupt())
    if isinstance(error, _OutputClosed):
        return exit_code_of_exception(PROGRAM, BrokenPipeError())
    if not of_process and not isinstance(error, OSError):
        raise error
    return exit_code_of_exception(PROGRAM, error)


def _print_warning(message: Warning | str, *_: object) -> None:
    """Print a warning as one line, without the place in the code that Python adds."""
    click.echo(f"Warning: {' '.join(str(message).splitlines())}", err=True)


@click.group(
    cls=_CommandGroup,
    commands=COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option(
    "--traceback", is_flag=True, help="Print the whole traceback of an error, not only one line."
)
def main(traceback: bool) -> None:
    """Segment images, train networks, and measure the accuracy (AP) and the speed of the graph merge."""
    warnings.formatwarning = _format_warning


_format_as_python = warnings.formatwarning


def _format_warning(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    line: str | None = None,
) -> str:
    """A warning of this project as one line; any other warning as Python prints it."""
    if category.__module__.partition(".")[0] in ("bench", "merge_impls", "models"):
        return f"Warning: {message}\n"
    return _format_as_python(message, category, filename, lineno, line)
